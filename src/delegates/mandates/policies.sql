-- mandates: read by the person and by the people of the organisation. A delegate claims and resigns a mandate; everything else is for those
-- who administer the organisation.
alter table mandates enable row level security, force row level security;
create policy mandates_service on mandates to solidarity_pact_service using (true) with check (true);
create policy mandates_read on mandates for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()));
create policy mandates_given on mandates for insert to solidarity_pact_caller
  with check (
    organisation_id = any ((select caller_administered())::uuid[])
    or delegate_id = (select caller_delegate()) and status = 'submitted'
  );
create policy mandates_moved on mandates for update to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()))
  with check (
    organisation_id = any ((select caller_administered())::uuid[])
    or delegate_id = (select caller_delegate()) and status = 'recalled'
  );
create trigger mandates_same before update of delegate_id, organisation_id on mandates for each row
  when (current_user = 'solidarity_pact_caller' and (old.delegate_id, old.organisation_id) <> (new.delegate_id, new.organisation_id)) execute function refuse_other_owner();
create trigger mandates_not_of_erased before insert or update of delegate_id, status on mandates
  for each row when (new.status in ('submitted', 'active')) execute function refuse_to_erased();
create policy mandates_of_owner on mandates to current_user using (runs_for_owner()) with check (false);
create trigger mandates_authorities_given after insert on mandates
  for each row when (new.status = 'active') execute function keep_authorities_of_mandate();
create trigger mandates_authorities after update of id, delegate_id, organisation_id, status, powers, starts_on, ends_on on mandates
  for each row when (old.status = 'active' or new.status = 'active') execute function keep_authorities_of_mandate();

-- authorities: read by the service, which looks up the caller, and written by the triggers only.
alter table authorities enable row level security, force row level security;
create policy authorities_service on authorities to solidarity_pact_service using (true) with check (true);
create policy authorities_of_owner on authorities to current_user using (runs_for_owner());
