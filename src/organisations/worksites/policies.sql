-- worksites: as visible as their organisation, and changed by its administrators.
alter table worksites enable row level security, force row level security;
create policy worksites_service on worksites to solidarity_pact_service using (true) with check (true);
create policy worksites_public on worksites for select to solidarity_pact_anonymous
  using (exists (select from organisations where id = organisation_id));
create policy worksites_read on worksites for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or may_read('organisation', organisation_id));
create policy worksites_made on worksites for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_administered())::uuid[]));
create policy worksites_changed on worksites for update to solidarity_pact_caller
  using (true) with check (organisation_id = any ((select caller_administered())::uuid[]));
create policy worksites_removed on worksites for delete to solidarity_pact_caller
  using (organisation_id = any ((select caller_administered())::uuid[]));
create trigger worksites_same before update of organisation_id on worksites for each row
  when (current_user = 'solidarity_pact_caller' and old.organisation_id <> new.organisation_id) execute function refuse_other_owner();
