-- itineraries: written by the host, read by the host and by those who take part in the visit.
alter table itineraries enable row level security, force row level security;
create policy itineraries_service on itineraries to solidarity_pact_service using (true) with check (true);
create policy itineraries_read on itineraries for select to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]) or takes_part(visit_id));
create policy itineraries_of_hosts on itineraries to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]));
