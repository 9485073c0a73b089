-- Sets the organisations that may know of each row. The triggers do this when the service writes rows one by one; a row
-- inserted in one statement with its pact or visit did not see that row yet.
update pacts set known_to = known_to;
update pact_parties set known_to = pacts.known_to from pacts where pacts.id = pact_parties.pact_id;
do $$
declare known record;
begin
  for known in
    select name, 'pacts.known_to from pacts where pacts.id = pact_id' as of
    from unnest('{proposals,responses,signatures,pact_pairs}'::text[]) name
    union all
    select name, 'array[host_id, visitor_id] from visits where visits.id = visit_id'
    from unnest('{visit_participants,bookings}'::text[]) name
  loop
    execute format('alter table %I disable trigger user', known.name);
    execute format('update %I set known_to = %s', known.name, known.of);
    execute format('alter table %I enable trigger user', known.name);
  end loop;
end
$$;
