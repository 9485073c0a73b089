-- Nobody is in two places at once. The name is known to src/visits/problems.ts.
alter table bookings add constraint bookings_no_overlap
  exclude using gist (delegate_id with =, during with &&)
  where (status in ('held', 'confirmed'));--> statement-breakpoint
create trigger visit_reports_append_only before update or delete on visit_reports
  for each row execute function refuse_change();--> statement-breakpoint
create trigger visit_reports_no_truncate before truncate on visit_reports
  for each statement execute function refuse_change();
