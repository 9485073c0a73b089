-- disclosures: read by the person and by coordinators. Two coordinators request and approve one, each by a mandate of their own for the
-- coordination that gave it; any coordinator may revoke it.
alter table disclosures enable row level security, force row level security;
create policy disclosures_service on disclosures to solidarity_pact_service using (true) with check (true);
create policy disclosures_read on disclosures for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all');
create policy disclosures_requested on disclosures for insert to solidarity_pact_caller
  with check (
    requested_by_id = (select caller_delegate()) and granted_by_id is null and ended_at is null and (select caller_reach()) = 'all'
    and exists (
      select from mandates
      where mandates.id = requested_mandate_id and mandates.delegate_id = caller_delegate() and mandates.organisation_id = requested_for_id)
  );
create policy disclosures_granted on disclosures for update to solidarity_pact_caller
  using ((select caller_kind()) = 'delegate' and (select caller_reach()) = 'all')
  with check (
    granted_by_id = (select caller_delegate()) and exists (
      select from mandates
      where mandates.id = granted_mandate_id and mandates.delegate_id = caller_delegate() and mandates.organisation_id = granted_for_id)
    or ended_by_id = (select caller_delegate())
  );

-- identity_reads: written by the reader; read by them and by the person whose identity they read.
alter table identity_reads enable row level security, force row level security;
create policy identity_reads_service on identity_reads to solidarity_pact_service using (true) with check (true);
create policy identity_reads_read on identity_reads for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or reader_id = (select caller_delegate()));
create policy identity_reads_made on identity_reads for insert to solidarity_pact_caller
  with check (reader_id = (select caller_delegate()));
create trigger identity_reads_same before update on identity_reads
  for each row execute function refuse_change();
create trigger identity_reads_kept before delete on identity_reads
  for each row execute function refuse_early_end();
create trigger identity_reads_no_truncate before truncate on identity_reads
  for each statement execute function refuse_change();
