-- visits: for the two sides, unless one of them is sealed for the caller.
alter table visits enable row level security, force row level security;
create policy visits_service on visits to solidarity_pact_service using (true) with check (true);
create policy visits_of_sides on visits to solidarity_pact_caller
  using (
    (host_id = any ((select caller_organisations())::uuid[]) or visitor_id = any ((select caller_organisations())::uuid[]))
    and not is_sealed_away(array[host_id, visitor_id])
  );
create policy visits_of_owner on visits to current_user using (runs_for_owner());
create trigger visits_named before insert or update of host_id, visitor_id, pact_id, host_name, visitor_name, pact_title on visits
  for each row when (pg_trigger_depth() = 0) execute function name_visit();
