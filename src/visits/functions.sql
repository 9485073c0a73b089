-- Writes into known_to the two sides of the visit: see know_pact().
create or replace function know_of_visit() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select array[host_id, visitor_id] from visits where id = new.visit_id), '{}');
  return new;
end
$$;
