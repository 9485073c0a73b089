-- organisations: verified, dissolved and merged ones are public; unclaimed and provisional ones are for the network; coordinators and the
-- operator read all. Callers always read their own, and those that they are acquainted with. A seal hides an organisation from
-- everybody but its own people.
alter table organisations enable row level security, force row level security;
create policy organisations_service on organisations to solidarity_pact_service using (true) with check (true);
create policy organisations_public on organisations for select to solidarity_pact_anonymous
  using (status in ('verified', 'dissolved', 'merged') and sealed_at is null);
-- Most organisations are public, so that condition comes first.
create policy organisations_read on organisations for select to solidarity_pact_caller
  using (
    sealed_at is null and status in ('verified', 'dissolved', 'merged')
    or id = any ((select caller_organisations())::uuid[])
    or sealed_at is null
      and (caller_reach() = 'all' or status in ('unclaimed', 'provisional') and caller_reach() = 'network' or is_acquainted(id))
  );
create policy organisations_announced on organisations for insert to solidarity_pact_caller
  with check (
    status = 'unclaimed' and created_by_organisation_id = any ((select caller_organisations())::uuid[])
    and (select caller_reach()) = 'all'
  );
-- Every readable organisation may be locked; only its administrators, coordinators and the operator may change it.
create policy organisations_changed on organisations for update to solidarity_pact_caller
  using (true)
  with check (id = any ((select caller_administered())::uuid[]) or (select caller_reach()) = 'all');
-- For functions that read past the policies, or lock: see runs_for_owner().
create policy organisations_of_owner on organisations to current_user using (runs_for_owner()) with check (false);
-- What the mandates of the organisation give depends on these columns.
create trigger organisations_authorities after update on organisations
  for each row when (
    (old.id, old.kind, old.status, old.sealed_at, old.merged_into_id)
    is distinct from (new.id, new.kind, new.status, new.sealed_at, new.merged_into_id))
  execute function keep_authorities_of_organisation();
create trigger organisations_authorities_added after insert on organisations
  for each row when (new.merged_into_id is not null) execute function keep_authorities_of_organisation();
create trigger organisations_authorities_gone after delete on organisations
  for each row when (old.merged_into_id is not null) execute function keep_authorities_of_organisation();
create trigger organisations_renamed after update of name on organisations
  for each row when (old.name <> new.name) execute function rename_side_of_visits();
create constraint trigger organisations_seal_changed after update on organisations deferrable initially deferred
  for each row when (old.sealed_at is distinct from new.sealed_at) execute function renew_seal_version();
create constraint trigger organisations_seal_added after insert on organisations deferrable initially deferred
  for each row when (new.sealed_at is not null) execute function renew_seal_version();
create constraint trigger organisations_seal_gone after delete on organisations deferrable initially deferred
  for each row when (old.sealed_at is not null) execute function renew_seal_version();
