CREATE TABLE "seals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"organisation_id" uuid NOT NULL,
	"organisation_kind" "organisation_kind" NOT NULL,
	"sealed_by_id" uuid NOT NULL,
	"lift_asked_by_id" uuid,
	"lift_asked_mandate_id" uuid,
	"lift_asked_until" timestamp(3) with time zone,
	"lifted_by_id" uuid,
	"lifted_at" timestamp(3) with time zone,
	CONSTRAINT "seals_asked" CHECK (("seals"."lift_asked_by_id" is null) = ("seals"."lift_asked_until" is null) and ("seals"."lift_asked_by_id" is null) = ("seals"."lift_asked_mandate_id" is null)),
	CONSTRAINT "seals_lifted" CHECK (("seals"."lifted_by_id" is null) = ("seals"."lifted_at" is null)),
	CONSTRAINT "seals_lifted_by_two" CHECK ("seals"."lifted_at" is null or "seals"."lifted_by_id" is distinct from "seals"."lift_asked_by_id" and "seals"."lift_asked_by_id" is not null)
);
--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "sealed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "seals" ADD CONSTRAINT "seals_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "seals_standing" ON "seals" USING btree ("organisation_id") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "organisations_sealed" ON "organisations" USING btree ("id") WHERE sealed_at is not null;--> statement-breakpoint

-- Those who have sealed themselves away from the caller. Unset, nothing that asks it is shown.
create function caller_sealed() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('pact.sealed_ids', true), '')::uuid[] $$;--> statement-breakpoint
alter policy organisations_public on organisations
  using (status in ('verified', 'dissolved', 'merged') and sealed_at is null);--> statement-breakpoint
alter policy organisations_read on organisations
  using (
    id = any ((select caller_organisations())::uuid[])
    or sealed_at is null and (
      status in ('verified', 'dissolved', 'merged')
      or (select caller_reach()) = 'all'
      or status in ('unclaimed', 'provisional') and (select caller_reach()) = 'network'
      or is_acquainted(id)
    )
  );--> statement-breakpoint
-- Nobody's settings are asked here: what they may not see of the two sides is not there.
alter policy affiliations_public on affiliations
  using (
    status = 'confirmed' and exists (select from organisations where id = member_id)
    and exists (select from organisations where id = parent_id)
  );--> statement-breakpoint
alter policy affiliations_read on affiliations
  using (
    (
      status = 'confirmed'
      or member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[])
    )
    and member_id <> all ((select caller_sealed())::uuid[]) and parent_id <> all ((select caller_sealed())::uuid[])
  );--> statement-breakpoint
alter policy pacts_of_parties on pacts
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or id = (select caller_pact())));--> statement-breakpoint
alter policy pact_parties_of_pacts on pact_parties
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy pact_pairs_of_pacts on pact_pairs
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy proposals_of_pacts on proposals
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy responses_of_pacts on responses
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy signatures_of_pacts on signatures
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy offer_links_of_pacts on offer_links
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
alter policy visit_participants_of_visits on visit_participants
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()));--> statement-breakpoint
alter policy visit_reports_of_visits on visit_reports
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()));--> statement-breakpoint
alter policy bookings_of_visits on bookings
  using (known_to && (select caller_organisations()) and not known_to && (select caller_sealed()));--> statement-breakpoint
alter policy visits_of_sides on visits
  using (
    (host_id = any ((select caller_organisations())::uuid[]) or visitor_id = any ((select caller_organisations())::uuid[]))
    and host_id <> all ((select caller_sealed())::uuid[]) and visitor_id <> all ((select caller_sealed())::uuid[])
  );--> statement-breakpoint

alter table seals enable row level security, force row level security;--> statement-breakpoint
create policy seals_service on seals to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
-- Its own people set it and ask to lift it; once they have asked, it is there for those who may agree.
create policy seals_of_own on seals to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy seals_to_lift on seals for select to solidarity_pact_caller
  using (lift_asked_until is not null and (select caller_reach()) = 'all');
