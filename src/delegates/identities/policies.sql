-- identities: the person reads it, and so do callers with a disclosure. Administrators of the organisation do not.
alter table identities enable row level security, force row level security;
create policy identities_service on identities to solidarity_pact_service using (true) with check (true);
create policy identities_of_own on identities to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));
create policy identities_disclosed on identities for select to solidarity_pact_caller
  using (is_disclosed(delegate_id));
