-- ledger: a caller writes entries in their own name and reads the entries of the organisations that they administer, their own, and
-- those of objects that they may read.
alter table ledger enable row level security, force row level security;
create policy ledger_service on ledger to solidarity_pact_service using (true) with check (true);
create policy ledger_written on ledger for insert to solidarity_pact_caller
  with check (actor_kind = (select caller_kind()) and actor_id is not distinct from (select caller_actor()));
create policy ledger_read on ledger for select to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or actor_kind = 'delegate' and actor_id = (select caller_delegate())
    or may_read(object, subject_id)
  );
create trigger ledger_kept before delete on ledger for each row execute function refuse_change();
create trigger ledger_no_truncate before truncate on ledger
  for each statement execute function refuse_change();
create trigger ledger_redacted before update on ledger for each row execute function refuse_all_but_redaction(
  'salt', 'transaction_id', 'subject_id', 'subject_version', 'organisation_id', 'actor_kind', 'actor_id', 'mandate_id',
  'request_id', 'move', 'from_status', 'to_status', 'reason_digest', 'details');
create trigger ledger_unsealed after insert on ledger referencing new table as new_entries
  for each statement execute function await_leaf();

-- ledger_leaves: only the service reads and writes the tree.
alter table ledger_leaves enable row level security, force row level security;
create policy ledger_leaves_service on ledger_leaves to solidarity_pact_service using (true) with check (true);
create trigger ledger_leaves_append_only before update or delete on ledger_leaves
  for each row execute function refuse_change();
create trigger ledger_leaves_no_truncate before truncate on ledger_leaves
  for each statement execute function refuse_change();

-- unsealed_entries: the entries that have no leaf yet.
alter table unsealed_entries enable row level security, force row level security;
create policy unsealed_entries_service on unsealed_entries to solidarity_pact_service using (true) with check (true);
create policy unsealed_entries_written on unsealed_entries for insert to solidarity_pact_caller with check (true);

-- transition_reasons: a reason is deleted but never changed. It is written by its author and read where its entry is read.
alter table transition_reasons enable row level security, force row level security;
create policy transition_reasons_service on transition_reasons to solidarity_pact_service using (true) with check (true);
create policy transition_reasons_read on transition_reasons for select to solidarity_pact_caller
  using (exists (select from ledger where ledger.id = entry_id and may_read_reason(object, subject_id)));
create policy transition_reasons_written on transition_reasons for insert to solidarity_pact_caller
  with check (written_by_id is not distinct from (select caller_delegate()));
create trigger transition_reasons_same before update on transition_reasons
  for each row execute function refuse_change();
