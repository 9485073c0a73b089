-- bookings: for the two sides of the visit, unless one of them is sealed for the caller.
alter table bookings enable row level security, force row level security;
create policy bookings_service on bookings to solidarity_pact_service using (true) with check (true);
create policy bookings_of_visits on bookings to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to));
create trigger bookings_known before insert on bookings for each row execute function know_of_visit();
