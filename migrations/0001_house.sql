CREATE TYPE "public"."mandate_office" AS ENUM('chair', 'secretary', 'delegate', 'coordinator', 'treasurer', 'observer');--> statement-breakpoint
CREATE TYPE "public"."mandate_status" AS ENUM('submitted', 'active', 'refused', 'recalled', 'expired');--> statement-breakpoint
CREATE TYPE "public"."token_kind" AS ENUM('delegate', 'client', 'operator');--> statement-breakpoint
CREATE TYPE "public"."affiliation_status" AS ENUM('requested', 'confirmed', 'refused', 'ended');--> statement-breakpoint
CREATE TYPE "public"."organisation_kind" AS ENUM('union', 'strike_committee', 'works_council', 'workplace_group', 'support_group', 'federation', 'coordination');--> statement-breakpoint
CREATE TYPE "public"."organisation_status" AS ENUM('unclaimed', 'provisional', 'rejected', 'verified', 'suspended', 'dissolved', 'merged');--> statement-breakpoint
CREATE TYPE "public"."pact_purpose" AS ENUM('mutual_support', 'strike_support', 'exchange', 'defence_of_the_persecuted');--> statement-breakpoint
CREATE TYPE "public"."pact_status" AS ENUM('draft', 'negotiating', 'signing', 'active', 'withdrawn', 'declined', 'lapsed', 'expired');--> statement-breakpoint
CREATE TYPE "public"."party_standing" AS ENUM('invited', 'party', 'declined');--> statement-breakpoint
CREATE TABLE "mandates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "mandate_status" NOT NULL,
	"delegate_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"office" "mandate_office" NOT NULL,
	"powers" text[] NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"evidence" text,
	CONSTRAINT "mandates_period" CHECK ("mandates"."ends_on" is null or "mandates"."ends_on" >= "mandates"."starts_on"),
	CONSTRAINT "mandates_powers" CHECK ("mandates"."powers" <@ array['administer','negotiate','sign','visit','vouch'])
);
--> statement-breakpoint
CREATE TABLE "delegates" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"display_name" text NOT NULL,
	"pseudonym" boolean NOT NULL,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"organisation_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "enrolment_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"delegate_id" uuid NOT NULL,
	"created_by_delegate_id" uuid,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "enrolment_links_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"kind" "token_kind" NOT NULL,
	"delegate_id" uuid,
	"organisation_id" uuid,
	"label" text NOT NULL,
	"scopes" text[] NOT NULL,
	"powers" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "tokens_id_unique" UNIQUE("id"),
	CONSTRAINT "tokens_holder" CHECK (("tokens"."kind" = 'delegate') = ("tokens"."delegate_id" is not null) and ("tokens"."kind" = 'client') = ("tokens"."organisation_id" is not null)),
	CONSTRAINT "tokens_powers" CHECK ("tokens"."powers" <@ array['administer', 'negotiate', 'visit'])
);
--> statement-breakpoint
CREATE TABLE "affiliations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "affiliation_status" NOT NULL,
	"member_id" uuid NOT NULL,
	"parent_id" uuid NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	CONSTRAINT "affiliations_two_organisations" CHECK ("affiliations"."member_id" <> "affiliations"."parent_id"),
	CONSTRAINT "affiliations_period" CHECK ("affiliations"."ends_on" is null or "affiliations"."ends_on" >= "affiliations"."starts_on")
);
--> statement-breakpoint
CREATE TABLE "organisations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "organisation_status" NOT NULL,
	"kind" "organisation_kind" NOT NULL,
	"name" text NOT NULL,
	"name_variants" text[] DEFAULT '{}' NOT NULL,
	"abbreviation" text,
	"country" text NOT NULL,
	"region" text,
	"languages" text[] DEFAULT '{}' NOT NULL,
	"industries" text[] DEFAULT '{}' NOT NULL,
	"website" text,
	"about" text,
	"member_count" integer,
	"external_ids" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"pending" jsonb,
	"merged_into_id" uuid,
	"created_by_organisation_id" uuid,
	"search_text" text GENERATED ALWAYS AS (search_form(name, name_variants, abbreviation)) STORED NOT NULL,
	CONSTRAINT "organisations_country" CHECK ("organisations"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "organisations_merged" CHECK (("organisations"."status" = 'merged') = ("organisations"."merged_into_id" is not null)),
	CONSTRAINT "organisations_member_count" CHECK ("organisations"."member_count" >= 0)
);
--> statement-breakpoint
CREATE TABLE "worksites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"organisation_id" uuid NOT NULL,
	"employer" text NOT NULL,
	"place" text NOT NULL,
	"country" text NOT NULL,
	"industry" text NOT NULL,
	CONSTRAINT "worksites_country" CHECK ("worksites"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "worksites_industry" CHECK ("worksites"."industry" ~ '^[0-9]{4}$')
);
--> statement-breakpoint
CREATE TABLE "pact_parties" (
	"pact_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"standing" "party_standing" NOT NULL,
	"added_at" timestamp(3) with time zone NOT NULL,
	CONSTRAINT "pact_parties_pact_id_organisation_id_pk" PRIMARY KEY("pact_id","organisation_id")
);
--> statement-breakpoint
CREATE TABLE "pacts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"status" "pact_status" NOT NULL,
	"title" text NOT NULL,
	"purpose" "pact_purpose" NOT NULL,
	"proposer_id" uuid NOT NULL,
	"proposal_id" uuid,
	"starts_on" date,
	"ends_on" date,
	"notice_days" integer,
	"sign_by" timestamp(3) with time zone,
	"activated_at" timestamp(3) with time zone,
	CONSTRAINT "pacts_term" CHECK ("pacts"."ends_on" is null or "pacts"."ends_on" > "pacts"."starts_on")
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"transaction_id" text DEFAULT pg_current_xact_id()::text NOT NULL,
	"type" text NOT NULL,
	"object" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"subject_version" integer NOT NULL,
	"organisation_id" uuid,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"mandate_id" uuid,
	"request_id" uuid NOT NULL,
	"move" text,
	"from_status" text,
	"to_status" text,
	"reason" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "ledger_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"answer" "bytea" NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delegates" ADD CONSTRAINT "delegates_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_created_by_delegate_id_delegates_id_fk" FOREIGN KEY ("created_by_delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliations" ADD CONSTRAINT "affiliations_member_id_organisations_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliations" ADD CONSTRAINT "affiliations_parent_id_organisations_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "worksites" ADD CONSTRAINT "worksites_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_pact_id_pacts_id_fk" FOREIGN KEY ("pact_id") REFERENCES "public"."pacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_proposer_id_organisations_id_fk" FOREIGN KEY ("proposer_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mandates_by_delegate" ON "mandates" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "mandates_by_organisation" ON "mandates" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "mandates_ending" ON "mandates" USING btree ("ends_on") WHERE status = 'active' and ends_on is not null;--> statement-breakpoint
CREATE INDEX "delegates_by_organisation" ON "delegates" USING btree ("organisation_id","id");--> statement-breakpoint
CREATE INDEX "enrolment_links_by_delegate" ON "enrolment_links" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "tokens_by_delegate" ON "tokens" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "tokens_by_organisation" ON "tokens" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "tokens_expiring" ON "tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "affiliations_by_member" ON "affiliations" USING btree ("member_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "affiliations_by_parent" ON "affiliations" USING btree ("parent_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_newest" ON "organisations" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_country" ON "organisations" USING btree ("country","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_status" ON "organisations" USING btree ("status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_kind" ON "organisations" USING btree ("kind","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_industry" ON "organisations" USING gin ("industries");--> statement-breakpoint
CREATE INDEX "organisations_search" ON "organisations" USING gin (search_text gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "organisations_merged_into" ON "organisations" USING btree ("merged_into_id") WHERE merged_into_id is not null;--> statement-breakpoint
CREATE INDEX "worksites_by_organisation" ON "worksites" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "pact_parties_by_organisation" ON "pact_parties" USING btree ("organisation_id","pact_id");--> statement-breakpoint
CREATE INDEX "pacts_to_lapse" ON "pacts" USING btree ("sign_by") WHERE status = 'signing';--> statement-breakpoint
CREATE INDEX "pacts_to_expire" ON "pacts" USING btree ("ends_on") WHERE status = 'active';--> statement-breakpoint
CREATE INDEX "ledger_subject" ON "ledger" USING btree ("subject_id","position");