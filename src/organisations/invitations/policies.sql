-- invitations: for the administrators of the coordination and for its coordinators; its coordinators create them.
alter table invitations enable row level security, force row level security;
create policy invitations_service on invitations to solidarity_pact_service using (true) with check (true);
create policy invitations_read on invitations for select to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all'
  );
create policy invitations_created on invitations for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all');
create policy invitations_revoked on invitations for update to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all'
  );
create trigger invitations_only_revoked before update on invitations for each row
  when (current_user = 'solidarity_pact_caller') execute function refuse_all_but_revocation();
