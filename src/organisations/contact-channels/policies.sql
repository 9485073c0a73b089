-- contact_channels: for those who administer the organisation.
alter table contact_channels enable row level security, force row level security;
create policy contact_channels_service on contact_channels to solidarity_pact_service using (true) with check (true);
create policy contact_channels_of_own on contact_channels to solidarity_pact_caller
  using (organisation_id = any ((select caller_administered())::uuid[]));
