-- Of several claims of one person in one organisation the oldest waits on.
alter table mandates no force row level security;--> statement-breakpoint
update mandates set status = 'refused', version = version + 1, updated_at = now()
  where status = 'submitted' and exists (
    select from mandates earlier
    where earlier.status = 'submitted' and earlier.delegate_id = mandates.delegate_id
      and earlier.organisation_id = mandates.organisation_id and (earlier.created_at, earlier.id) < (mandates.created_at, mandates.id));--> statement-breakpoint
alter table mandates force row level security;--> statement-breakpoint
CREATE UNIQUE INDEX "mandates_one_claim" ON "mandates" USING btree ("delegate_id","organisation_id") WHERE status = 'submitted';
