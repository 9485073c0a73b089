CREATE TABLE "disclosures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"delegate_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"requested_by_id" uuid NOT NULL,
	"requested_mandate_id" uuid NOT NULL,
	"granted_by_id" uuid,
	"granted_at" timestamp(3) with time zone,
	"expires_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "disclosures_by_two" CHECK ("disclosures"."granted_by_id" <> "disclosures"."requested_by_id"),
	CONSTRAINT "disclosures_of_others" CHECK ("disclosures"."delegate_id" not in ("disclosures"."requested_by_id", "disclosures"."granted_by_id")),
	CONSTRAINT "disclosures_granted" CHECK (("disclosures"."granted_by_id" is null) = ("disclosures"."granted_at" is null))
);
--> statement-breakpoint
CREATE TABLE "identity_reads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"delegate_id" uuid NOT NULL,
	"reader_id" uuid NOT NULL,
	"participant_id" uuid,
	"disclosure_id" uuid,
	CONSTRAINT "identity_reads_ground" CHECK (("identity_reads"."participant_id" is null) <> ("identity_reads"."disclosure_id" is null))
);
--> statement-breakpoint
ALTER TABLE "visit_participants" ADD COLUMN "consented_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_by_id_delegates_id_fk" FOREIGN KEY ("requested_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_mandate_id_mandates_id_fk" FOREIGN KEY ("requested_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_by_id_delegates_id_fk" FOREIGN KEY ("granted_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_reader_id_delegates_id_fk" FOREIGN KEY ("reader_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_disclosure_id_disclosures_id_fk" FOREIGN KEY ("disclosure_id") REFERENCES "public"."disclosures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "disclosures_by_delegate" ON "disclosures" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "disclosures_newest" ON "disclosures" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "identity_reads_of_delegate" ON "identity_reads" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "identity_reads_by_reader" ON "identity_reads" USING btree ("reader_id","created_at");--> statement-breakpoint

create trigger identity_reads_append_only before update or delete on identity_reads
  for each row execute function refuse_change();--> statement-breakpoint
create trigger identity_reads_no_truncate before truncate on identity_reads
  for each statement execute function refuse_change();--> statement-breakpoint
alter table disclosures enable row level security, force row level security;--> statement-breakpoint
alter table identity_reads enable row level security, force row level security;--> statement-breakpoint
create policy disclosures_service on disclosures to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy identity_reads_service on identity_reads to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
-- The person concerned is told; coordinators ask and agree.
create policy disclosures_read on disclosures for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or (select caller_kind()) = 'delegate' and (select caller_reach()) = 'all');--> statement-breakpoint
create policy disclosures_requested on disclosures for insert to solidarity_pact_caller
  with check (requested_by_id = (select caller_delegate()) and granted_by_id is null and (select caller_reach()) = 'all');--> statement-breakpoint
create policy disclosures_granted on disclosures for update to solidarity_pact_caller
  using ((select caller_kind()) = 'delegate' and (select caller_reach()) = 'all')
  with check (granted_by_id = (select caller_delegate()));--> statement-breakpoint
create policy identity_reads_read on identity_reads for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or reader_id = (select caller_delegate()));--> statement-breakpoint
create policy identity_reads_made on identity_reads for insert to solidarity_pact_caller
  with check (reader_id = (select caller_delegate()));--> statement-breakpoint
-- By the consent of both who travel, or by the word of two coordinators; until when, the service says, whose clock it is.
create function is_disclosed(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
      select from visit_participants theirs
      join visit_participants mine on mine.visit_id = theirs.visit_id and mine.side <> theirs.side
      where theirs.delegate_id = sought and mine.delegate_id = caller_delegate()
        and theirs.consented_at is not null and mine.consented_at is not null
        and theirs.status not in ('withdrawn', 'refused', 'no_show')
        and mine.status not in ('withdrawn', 'refused', 'no_show'))
    or exists (
      select from disclosures
      where delegate_id = sought and granted_at is not null and caller_reach() = 'all' and caller_delegate() in (requested_by_id, granted_by_id));
end
$$;--> statement-breakpoint
create policy identities_disclosed on identities for select to solidarity_pact_caller
  using (is_disclosed(delegate_id));
