-- What tables alone cannot say. Names of constraints are known to the problems of the features.
alter table ledger add constraint ledger_object check (type like object || '.%');--> statement-breakpoint
create trigger ledger_append_only before update or delete on ledger
  for each row execute function refuse_change();--> statement-breakpoint
create trigger ledger_no_truncate before truncate on ledger
  for each statement execute function refuse_change();--> statement-breakpoint
alter table organisations add constraint organisations_merged_into
  foreign key (merged_into_id) references organisations (id);--> statement-breakpoint
alter table organisations add constraint organisations_created_by
  foreign key (created_by_organisation_id) references organisations (id);--> statement-breakpoint
alter table organisations add constraint organisations_not_into_itself check (merged_into_id <> id);--> statement-breakpoint
-- One affiliation of a pair at a time; the last day belongs to the period.
alter table affiliations add constraint affiliations_no_overlap
  exclude using gist (member_id with =, parent_id with =, daterange(starts_on, ends_on, '[]') with &&)
  where (status in ('requested', 'confirmed'));--> statement-breakpoint
-- One active mandate of a delegate, organisation and office at a time; the last day belongs to the period.
alter table mandates add constraint mandates_no_overlap
  exclude using gist (delegate_id with =, organisation_id with =, office with =, daterange(starts_on, ends_on, '[]') with &&)
  where (status = 'active');
