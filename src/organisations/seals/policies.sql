-- seal_version: read by the service with every caller.
alter table seal_version enable row level security, force row level security;
create policy seal_version_service on seal_version to solidarity_pact_service using (true) with check (true);
create policy seal_version_of_owner on seal_version to current_user using (runs_for_owner());

-- seals: read by the people of the organisation. An administrator sets one and requests to lift it; the request shows their mandate. The
-- second approval is written by the service.
alter table seals enable row level security, force row level security;
create policy seals_service on seals to solidarity_pact_service using (true) with check (true);
create policy seals_read on seals for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]));
-- Coordinators see a seal while the request to lift it is pending.
create policy seals_to_lift on seals for select to solidarity_pact_caller
  using (lifted_at is null and expires_at > (select service_now()) and (select caller_reach()) = 'all');
create policy seals_set on seals for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_administered())::uuid[]) and sealed_by_id = (select caller_delegate()));
create policy seals_lifting_asked on seals for update to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]))
  with check (
    lifted_at is null and requested_by_id = (select caller_delegate())
    and is_administering(requested_mandate_id, organisation_id)
  );
