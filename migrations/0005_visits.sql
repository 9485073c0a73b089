CREATE TYPE "public"."booking_status" AS ENUM('held', 'confirmed', 'released');--> statement-breakpoint
CREATE TYPE "public"."participant_status" AS ENUM('nominated', 'agreed', 'visa_pending', 'ready', 'arrived', 'returned', 'refused', 'no_show', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."visit_mode" AS ENUM('in_person', 'online', 'third_country');--> statement-breakpoint
CREATE TYPE "public"."visit_side" AS ENUM('host', 'visitor');--> statement-breakpoint
CREATE TYPE "public"."visit_status" AS ENUM('proposed', 'accepted', 'confirmed', 'rescheduling', 'in_progress', 'completed', 'reported', 'declined', 'cancelled');--> statement-breakpoint
CREATE TABLE "bookings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "booking_status" NOT NULL,
	"delegate_id" uuid NOT NULL,
	"during" "tstzrange" NOT NULL,
	"visit_id" uuid NOT NULL,
	"participant_id" uuid NOT NULL,
	"hold_until" timestamp(3) with time zone,
	CONSTRAINT "bookings_finite" CHECK (coalesce(isfinite(lower("bookings"."during")) and isfinite(upper("bookings"."during")), false)
        and lower_inc("bookings"."during") and not upper_inc("bookings"."during")),
	CONSTRAINT "bookings_hold_ends" CHECK (("bookings"."status" = 'held') = ("bookings"."hold_until" is not null))
);
--> statement-breakpoint
CREATE TABLE "visit_participants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "participant_status" NOT NULL,
	"visit_id" uuid NOT NULL,
	"delegate_id" uuid NOT NULL,
	"side" "visit_side" NOT NULL,
	"agreed_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "visit_reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"visit_id" uuid NOT NULL,
	"side" "visit_side" NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"text" text NOT NULL,
	"language" text NOT NULL,
	"person_days" integer,
	CONSTRAINT "visit_reports_once" UNIQUE("visit_id","side"),
	CONSTRAINT "visit_reports_person_days" CHECK ("visit_reports"."person_days" >= 0)
);
--> statement-breakpoint
CREATE TABLE "visits" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "visit_status" NOT NULL,
	"pact_id" uuid NOT NULL,
	"host_id" uuid NOT NULL,
	"visitor_id" uuid NOT NULL,
	"offered_by" "visit_side" NOT NULL,
	"purpose" text NOT NULL,
	"mode" "visit_mode" NOT NULL,
	"place" text,
	"country" text,
	"time_zone" text NOT NULL,
	"windows" jsonb NOT NULL,
	"window_id" uuid,
	"starts_at" timestamp(3) with time zone,
	"ends_at" timestamp(3) with time zone,
	"span_starts_at" timestamp(3) with time zone NOT NULL,
	"span_ends_at" timestamp(3) with time zone NOT NULL,
	"confirmed_by" text[] DEFAULT '{}' NOT NULL,
	"reported_by" text[] DEFAULT '{}' NOT NULL,
	"needs" jsonb NOT NULL,
	"returns_visit_id" uuid,
	CONSTRAINT "visits_two_organisations" CHECK ("visits"."host_id" <> "visits"."visitor_id"),
	CONSTRAINT "visits_country" CHECK ("visits"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "visits_window_is_whole" CHECK (num_nulls("visits"."window_id", "visits"."starts_at", "visits"."ends_at") in (0, 3)),
	CONSTRAINT "visits_window_ends_after_start" CHECK ("visits"."ends_at" > "visits"."starts_at"),
	CONSTRAINT "visits_window_is_chosen" CHECK ("visits"."window_id" is not null or "visits"."status" in ('proposed', 'rescheduling', 'declined', 'cancelled')),
	CONSTRAINT "visits_span" CHECK ("visits"."span_ends_at" > "visits"."span_starts_at"),
	CONSTRAINT "visits_span_is_short" CHECK ("visits"."span_ends_at" - "visits"."span_starts_at" <= interval '790 days'),
	CONSTRAINT "visits_confirmed_by" CHECK ("visits"."confirmed_by" <@ array['host','visitor']),
	CONSTRAINT "visits_reported_by" CHECK ("visits"."reported_by" <@ array['host','visitor'])
);
--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_participant_id_visit_participants_id_fk" FOREIGN KEY ("participant_id") REFERENCES "public"."visit_participants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_reports" ADD CONSTRAINT "visit_reports_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_returns_visit_id_visits_id_fk" FOREIGN KEY ("returns_visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_host_is_party" FOREIGN KEY ("pact_id","host_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_visitor_is_party" FOREIGN KEY ("pact_id","visitor_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bookings_one_live" ON "bookings" USING btree ("participant_id") WHERE status in ('held', 'confirmed');--> statement-breakpoint
CREATE INDEX "bookings_by_visit" ON "bookings" USING btree ("visit_id");--> statement-breakpoint
CREATE INDEX "bookings_holds" ON "bookings" USING btree ("hold_until") WHERE status = 'held';--> statement-breakpoint
CREATE UNIQUE INDEX "visit_participants_once" ON "visit_participants" USING btree ("visit_id","delegate_id") WHERE status <> 'withdrawn';--> statement-breakpoint
CREATE INDEX "visit_participants_by_visit" ON "visit_participants" USING btree ("visit_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "visit_participants_by_delegate" ON "visit_participants" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "visits_by_host" ON "visits" USING btree ("host_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE INDEX "visits_by_visitor" ON "visits" USING btree ("visitor_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE INDEX "visits_by_pact" ON "visits" USING btree ("pact_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE INDEX "visits_by_returned" ON "visits" USING btree ("returns_visit_id") WHERE returns_visit_id is not null;--> statement-breakpoint
CREATE INDEX "visits_to_start" ON "visits" USING btree ("starts_at") WHERE status = 'confirmed';--> statement-breakpoint
CREATE INDEX "visits_to_complete" ON "visits" USING btree ("ends_at") WHERE status = 'in_progress';