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
