-- visit_reports: for the two sides of the visit, unless one of them is sealed for the caller; append-only.
alter table visit_reports enable row level security, force row level security;
create policy visit_reports_service on visit_reports to solidarity_pact_service using (true) with check (true);
create policy visit_reports_of_visits on visit_reports to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to));
create trigger visit_reports_known before insert on visit_reports for each row execute function know_of_visit();
create trigger visit_reports_append_only before update or delete on visit_reports
  for each row execute function refuse_change();
create trigger visit_reports_no_truncate before truncate on visit_reports
  for each statement execute function refuse_change();
