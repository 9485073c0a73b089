CREATE TYPE "public"."proposal_status" AS ENUM('open', 'superseded', 'accepted', 'declined', 'withdrawn', 'expired');--> statement-breakpoint
CREATE TYPE "public"."response_decision" AS ENUM('comment', 'needs_more_time', 'accept', 'decline');--> statement-breakpoint
CREATE TABLE "offer_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"pact_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "offer_links_hash_unique" UNIQUE("hash"),
	CONSTRAINT "offer_links_one_end" CHECK ("offer_links"."used_at" is null or "offer_links"."revoked_at" is null)
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"pact_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"status" "proposal_status" NOT NULL,
	"author_id" uuid NOT NULL,
	"supersedes_id" uuid,
	"answer_by" timestamp(3) with time zone NOT NULL,
	"content" jsonb NOT NULL,
	"content_digest" text NOT NULL,
	CONSTRAINT "proposals_number" UNIQUE("pact_id","number"),
	CONSTRAINT "proposals_digest" UNIQUE("id","content_digest"),
	CONSTRAINT "proposals_content_digest" CHECK ("proposals"."content_digest" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "responses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"pact_id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"content_digest" text NOT NULL,
	"organisation_id" uuid NOT NULL,
	"decision" "response_decision" NOT NULL,
	"statement" text,
	"language" text
);
--> statement-breakpoint
CREATE TABLE "signatures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"signed_at" timestamp(3) with time zone NOT NULL,
	"pact_id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"content_digest" text NOT NULL,
	"organisation_id" uuid NOT NULL,
	"delegate_id" uuid NOT NULL,
	"mandate_id" uuid NOT NULL,
	"receipt" jsonb NOT NULL,
	CONSTRAINT "signatures_one_each" UNIQUE("proposal_id","organisation_id")
);
--> statement-breakpoint
CREATE TABLE "pact_pairs" (
	"pact_id" uuid NOT NULL,
	"lower_id" uuid NOT NULL,
	"higher_id" uuid NOT NULL,
	"purpose" "pact_purpose" NOT NULL,
	"term" daterange NOT NULL,
	CONSTRAINT "pact_pairs_pact_id_lower_id_higher_id_pk" PRIMARY KEY("pact_id","lower_id","higher_id"),
	CONSTRAINT "pact_pairs_ordered" CHECK ("pact_pairs"."lower_id" < "pact_pairs"."higher_id")
);
--> statement-breakpoint
ALTER TABLE "pact_parties" ADD COLUMN "declined_number" integer;--> statement-breakpoint
ALTER TABLE "pacts" ADD COLUMN "proposed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "offer_links" ADD CONSTRAINT "offer_links_to_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_pact_id_pacts_id_fk" FOREIGN KEY ("pact_id") REFERENCES "public"."pacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_author_id_organisations_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_supersedes" FOREIGN KEY ("supersedes_id") REFERENCES "public"."proposals"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "responses" ADD CONSTRAINT "responses_of_text" FOREIGN KEY ("proposal_id","content_digest") REFERENCES "public"."proposals"("id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "responses" ADD CONSTRAINT "responses_by_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_mandate_id_mandates_id_fk" FOREIGN KEY ("mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_of_text" FOREIGN KEY ("proposal_id","content_digest") REFERENCES "public"."proposals"("id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_by_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_pact_id_pacts_id_fk" FOREIGN KEY ("pact_id") REFERENCES "public"."pacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_lower_id_organisations_id_fk" FOREIGN KEY ("lower_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_higher_id_organisations_id_fk" FOREIGN KEY ("higher_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "offer_links_by_pact" ON "offer_links" USING btree ("pact_id","created_at","id");--> statement-breakpoint
CREATE INDEX "offer_links_by_organisation" ON "offer_links" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "offer_links_expiring" ON "offer_links" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "proposals_one_open" ON "proposals" USING btree ("pact_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "proposals_to_expire" ON "proposals" USING btree ("answer_by") WHERE status = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "responses_one_decision" ON "responses" USING btree ("proposal_id","organisation_id") WHERE decision in ('accept', 'decline');--> statement-breakpoint
CREATE INDEX "responses_by_pact" ON "responses" USING btree ("pact_id","created_at","id");--> statement-breakpoint
CREATE INDEX "signatures_by_pact" ON "signatures" USING btree ("pact_id","signed_at");--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_declined" CHECK (("pact_parties"."standing" = 'declined') = ("pact_parties"."declined_number" is not null));--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_drafts" CHECK (("pacts"."proposed_at" is null) or "pacts"."status" <> 'draft');