-- recoveries: read by the person, the people of the organisation and coordinators. Two coordinators request and approve one, each for a
-- coordination of theirs; it is cancelled by the person, by those who administer the organisation and by any coordinator.
alter table recoveries enable row level security, force row level security;
create policy recoveries_service on recoveries to solidarity_pact_service using (true) with check (true);
create policy recoveries_read on recoveries for select to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[])
    or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all'
  );
create policy recoveries_requested on recoveries for insert to solidarity_pact_caller
  with check (
    requested_by_id = (select caller_delegate()) and requested_for_id = any ((select caller_organisations())::uuid[])
    and granted_by_id is null and ended_at is null and (select caller_reach()) = 'all'
  );
create policy recoveries_granted on recoveries for update to solidarity_pact_caller
  using ((select caller_kind()) = 'delegate' and (select caller_reach()) = 'all')
  with check (
    granted_by_id = (select caller_delegate()) and granted_for_id = any ((select caller_organisations())::uuid[])
    and ended_at is null
  );
create policy recoveries_ended on recoveries for update to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or organisation_id = any ((select caller_administered())::uuid[])
    or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all'
  )
  with check (ended_by_id = (select caller_delegate()));
