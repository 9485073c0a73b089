CREATE TABLE "recoveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"organisation_id" uuid NOT NULL,
	"delegate_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"requested_by_id" uuid NOT NULL,
	"requested_mandate_id" uuid NOT NULL,
	"requested_for_id" uuid NOT NULL,
	"granted_by_id" uuid,
	"granted_for_id" uuid,
	"granted_at" timestamp(3) with time zone,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"enrolment_link_id" uuid,
	CONSTRAINT "recoveries_by_two" CHECK ("recoveries"."granted_by_id" <> "recoveries"."requested_by_id"),
	CONSTRAINT "recoveries_by_two_coordinations" CHECK ("recoveries"."granted_for_id" <> "recoveries"."requested_for_id"),
	CONSTRAINT "recoveries_of_others" CHECK ("recoveries"."delegate_id" not in ("recoveries"."requested_by_id", "recoveries"."granted_by_id")),
	CONSTRAINT "recoveries_granted" CHECK (("recoveries"."granted_by_id" is null) = ("recoveries"."granted_at" is null) and ("recoveries"."granted_by_id" is null) = ("recoveries"."granted_for_id" is null) and ("recoveries"."granted_by_id" is null) = ("recoveries"."enrolment_link_id" is null))
);
--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_by_id_delegates_id_fk" FOREIGN KEY ("requested_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_mandate_id_mandates_id_fk" FOREIGN KEY ("requested_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_for_id_organisations_id_fk" FOREIGN KEY ("requested_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_granted_by_id_delegates_id_fk" FOREIGN KEY ("granted_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_granted_for_id_organisations_id_fk" FOREIGN KEY ("granted_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "recoveries_by_organisation" ON "recoveries" USING btree ("organisation_id","created_at","id");--> statement-breakpoint
CREATE INDEX "recoveries_newest" ON "recoveries" USING btree ("created_at","id");--> statement-breakpoint

alter table recoveries enable row level security, force row level security;--> statement-breakpoint
create policy recoveries_service on recoveries to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
-- The organisation and the person are told; coordinators ask and agree.
create policy recoveries_read on recoveries for select to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[])
    or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all'
  );--> statement-breakpoint
create policy recoveries_requested on recoveries for insert to solidarity_pact_caller
  with check (
    requested_by_id = (select caller_delegate()) and requested_for_id = any ((select caller_organisations())::uuid[])
    and granted_by_id is null and (select caller_reach()) = 'all'
  );--> statement-breakpoint
create policy recoveries_granted on recoveries for update to solidarity_pact_caller
  using ((select caller_kind()) = 'delegate' and (select caller_reach()) = 'all')
  with check (
    granted_by_id = (select caller_delegate()) and granted_for_id = any ((select caller_organisations())::uuid[])
  );
