ALTER TYPE "public"."token_origin" ADD VALUE 'recovery';--> statement-breakpoint
ALTER TABLE "recoveries" ADD COLUMN "ended_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "recoveries" ADD COLUMN "ended_by_id" uuid;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_ended_by_id_delegates_id_fk" FOREIGN KEY ("ended_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "disclosures_by_requester" ON "disclosures" USING btree ("requested_by_id");--> statement-breakpoint
CREATE INDEX "disclosures_by_granter" ON "disclosures" USING btree ("granted_by_id") WHERE "disclosures"."granted_by_id" is not null;--> statement-breakpoint
CREATE INDEX "recoveries_by_delegate" ON "recoveries" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "recoveries_by_requester" ON "recoveries" USING btree ("requested_by_id");--> statement-breakpoint
CREATE INDEX "recoveries_with_reason" ON "recoveries" USING btree ("expires_at") WHERE reason <> '';--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_ended" CHECK (("recoveries"."ended_by_id" is null) = ("recoveries"."ended_at" is null));--> statement-breakpoint

-- Of several that one coordination asked at once for one person the newest stays open. The owner of the table sees no row
-- of it, but for a moment.
alter table recoveries no force row level security;--> statement-breakpoint
update recoveries older set ended_at = now(), ended_by_id = requested_by_id
  where granted_at is null and exists (
    select from recoveries newer
    where newer.delegate_id = older.delegate_id and newer.requested_for_id = older.requested_for_id
      and newer.granted_at is null and (newer.created_at, newer.id) > (older.created_at, older.id)
      and tstzrange(newer.created_at, newer.expires_at) && tstzrange(older.created_at, older.expires_at));--> statement-breakpoint
alter table recoveries force row level security;--> statement-breakpoint
-- A coordination asks once for somebody, while its word waits. The name is known to src/delegates/problems.ts.
alter table recoveries add constraint recoveries_one_open
  exclude using gist (delegate_id with =, requested_for_id with =, tstzrange(created_at, expires_at) with &&)
  where (granted_at is null and ended_at is null);--> statement-breakpoint

-- What is over is neither asked nor granted; it is ended by those who are told of it and may act: the person, whoever
-- administers the organisation, and any coordinator.
alter policy recoveries_requested on recoveries
  with check (
    requested_by_id = (select caller_delegate()) and requested_for_id = any ((select caller_organisations())::uuid[])
    and granted_by_id is null and ended_at is null and (select caller_reach()) = 'all'
  );--> statement-breakpoint
alter policy recoveries_granted on recoveries
  with check (
    granted_by_id = (select caller_delegate()) and granted_for_id = any ((select caller_organisations())::uuid[])
    and ended_at is null
  );--> statement-breakpoint
create policy recoveries_ended on recoveries for update to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or organisation_id = any ((select caller_administered())::uuid[])
    or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all'
  )
  with check (ended_by_id = (select caller_delegate()));
