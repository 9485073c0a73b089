-- The baseline: all tables as of the first release. Written by drizzle-kit from the tables in src, except for the first and the last part.
-- btree_gist: exclusion constraints that mix equality with overlapping ranges. btree_gin: the country beside the trigrams of the
-- name, in one index. pg_trgm: search by parts of names, in any script. unaccent: "Żerań" is found by "zeran".
create extension if not exists btree_gist;--> statement-breakpoint
create extension if not exists btree_gin;--> statement-breakpoint
create extension if not exists pg_trgm;--> statement-breakpoint
create extension if not exists unaccent;--> statement-breakpoint
-- Functions of generated columns stand here, because they must exist before the tables. To change one, write a migration that
-- replaces it and makes its columns and their indexes anew: PostgreSQL does not compute them again by itself.
-- One spelling of all names for searching, made in three steps.
--  1. Decompose compatibility forms (NFKD); remove the marks above and below letters of Latin, Greek, Cyrillic, Hebrew and Arabic, and
--     tatweel, joiners and all other invisible characters; compose the rest (NFC), because marks of Kana and Indic letters make
--     other letters.
--  2. Replace letters with a stroke and ligatures by plain letters (unaccent), capitals by small letters.
--  3. Map Persian letters to Arabic ones and the digits of all scripts to ASCII; replace punctuation by one blank. A blank stands before
--     the first and after the last word, so that a search can ask for the beginning of a word.
-- Immutable, because Unicode never changes the decomposition of an assigned character and the dictionary is part of PostgreSQL.
create function search_form(name text, variants text[], abbreviation text) returns text
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select ' ' || btrim(regexp_replace(translate(
    lower(unaccent('unaccent'::regdictionary, normalize(regexp_replace(normalize(
      concat_ws(' ', name, nullif(array_to_string(variants, ' '), ''), abbreviation), nfkd),
      '[\u0300-\u036F\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061C\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED\u00AD\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\U000E0000-\U000E0FFF]+', '', 'g'), nfc))),
    'ىیکھہەةٱς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹߀߁߂߃߄߅߆߇߈߉०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯୦୧୨୩୪୫୬୭୮୯௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯෦෧෨෩෪෫෬෭෮෯๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙༠༡༢༣༤༥༦༧༨༩၀၁၂၃၄၅၆၇၈၉០១២៣៤៥៦៧៨៩᠐᠑᠒᠓᠔᠕᠖᠗᠘᠙',
    'ييكههههاσ0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789'),
    '[\s\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E\u00A1-\u00A7\u00AB\u00B6\u00B7\u00BB\u00BF\u02B0-\u02FF\u058A\u05BE\u05F3\u05F4\u060C\u061B\u061F\u06D4\u0964\u0965\u2010-\u205E\u3001-\u3004\u3008-\u3020\u3030\u30FB]+', ' ', 'g')) || ' '
$$;--> statement-breakpoint
-- Scripts without blanks between words: Han with its iteration marks, Kana, Hangul, Thai, Lao, Myanmar, Khmer.
create function is_unspaced(sign text) returns boolean
  language sql immutable parallel safe
as $$
  select sign ~ '^[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3005-\u3007\u3041-\u30FA\u30FC-\u30FF\u3400-\u9FFF\uAC00-\uD7A3\uF900-\uFAFF\U00020000-\U0003FFFF]'
$$;--> statement-breakpoint
-- Each character of such a script, and each pair of two that follow each other: a trigram index finds nothing that is shorter than three
-- characters.
create function search_pairs(name text, variants text[], abbreviation text) returns text[]
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select coalesce(array_agg(distinct part) filter (where part <> ''), '{}')
  from (
    select sign, lead(sign, 1, '') over (order by place) as follower
    from string_to_table(search_form(name, variants, abbreviation), null) with ordinality as signs(sign, place)
  ) pairs
  cross join lateral (values (sign), (case when is_unspaced(follower) then sign || follower end)) parts(part)
  where is_unspaced(sign)
$$;--> statement-breakpoint
CREATE TYPE "public"."mandate_office" AS ENUM('chair', 'secretary', 'delegate', 'coordinator', 'treasurer', 'observer');--> statement-breakpoint
CREATE TYPE "public"."mandate_status" AS ENUM('submitted', 'active', 'refused', 'recalled', 'expired');--> statement-breakpoint
CREATE TYPE "public"."token_kind" AS ENUM('delegate', 'client', 'operator');--> statement-breakpoint
CREATE TYPE "public"."token_origin" AS ENUM('registration', 'claim', 'enrolment', 'minted', 'identity_provider', 'recovery');--> statement-breakpoint
CREATE TYPE "public"."affiliation_status" AS ENUM('requested', 'confirmed', 'refused', 'ended');--> statement-breakpoint
CREATE TYPE "public"."organisation_kind" AS ENUM('union', 'strike_committee', 'works_council', 'workplace_group', 'support_group', 'federation', 'coordination');--> statement-breakpoint
CREATE TYPE "public"."organisation_status" AS ENUM('unclaimed', 'provisional', 'rejected', 'verified', 'suspended', 'dissolved', 'merged');--> statement-breakpoint
CREATE TYPE "public"."proposal_status" AS ENUM('open', 'superseded', 'accepted', 'declined', 'withdrawn', 'expired');--> statement-breakpoint
CREATE TYPE "public"."response_decision" AS ENUM('comment', 'needs_more_time', 'accept', 'decline');--> statement-breakpoint
CREATE TYPE "public"."pact_purpose" AS ENUM('mutual_support', 'strike_support', 'exchange', 'defence_of_the_persecuted');--> statement-breakpoint
CREATE TYPE "public"."pact_status" AS ENUM('draft', 'negotiating', 'signing', 'active', 'withdrawn', 'declined', 'lapsed', 'expired');--> statement-breakpoint
CREATE TYPE "public"."party_standing" AS ENUM('invited', 'party', 'declined');--> statement-breakpoint
CREATE TYPE "public"."booking_status" AS ENUM('held', 'confirmed', 'released');--> statement-breakpoint
CREATE TYPE "public"."participant_status" AS ENUM('nominated', 'agreed', 'visa_pending', 'ready', 'arrived', 'returned', 'refused', 'no_show', 'withdrawn');--> statement-breakpoint
CREATE TYPE "public"."visit_mode" AS ENUM('in_person', 'online', 'third_country');--> statement-breakpoint
CREATE TYPE "public"."visit_side" AS ENUM('host', 'visitor');--> statement-breakpoint
CREATE TYPE "public"."visit_status" AS ENUM('proposed', 'accepted', 'confirmed', 'rescheduling', 'in_progress', 'completed', 'reported', 'declined', 'cancelled');--> statement-breakpoint
CREATE TABLE "disclosures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"delegate_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"requested_by_id" uuid NOT NULL,
	"requested_mandate_id" uuid NOT NULL,
	"requested_for_id" uuid NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"granted_by_id" uuid,
	"granted_mandate_id" uuid,
	"granted_for_id" uuid,
	"granted_at" timestamp(3) with time zone,
	"ended_at" timestamp(3) with time zone,
	"ended_by_id" uuid,
	CONSTRAINT "disclosures_by_two" CHECK ("disclosures"."granted_by_id" <> "disclosures"."requested_by_id"),
	CONSTRAINT "disclosures_by_two_coordinations" CHECK ("disclosures"."granted_for_id" <> "disclosures"."requested_for_id"),
	CONSTRAINT "disclosures_of_others" CHECK ("disclosures"."delegate_id" not in ("disclosures"."requested_by_id", "disclosures"."granted_by_id")),
	CONSTRAINT "disclosures_granted" CHECK (("disclosures"."granted_by_id" is null) = ("disclosures"."granted_at" is null) and (
        "disclosures"."granted_by_id" is null or "disclosures"."ended_at" is not null
        or "disclosures"."granted_mandate_id" is not null and "disclosures"."granted_for_id" is not null)),
	CONSTRAINT "disclosures_ended" CHECK (("disclosures"."ended_by_id" is null) = ("disclosures"."ended_at" is null))
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
CREATE TABLE "identities" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"delegate_id" uuid NOT NULL,
	"legal_name" "bytea",
	"phone" "bytea",
	"email" "bytea",
	"messenger" "bytea",
	"travel_document" "bytea",
	CONSTRAINT "identities_delegateId_unique" UNIQUE("delegate_id")
);
--> statement-breakpoint
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
	CONSTRAINT "mandates_of_delegate" UNIQUE("id","delegate_id"),
	CONSTRAINT "mandates_period" CHECK ("mandates"."ends_on" is null or "mandates"."ends_on" >= "mandates"."starts_on"),
	CONSTRAINT "mandates_powers" CHECK ("mandates"."powers" <@ array['administer','negotiate','sign','visit','vouch'])
);
--> statement-breakpoint
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
	"expires_at" timestamp(3) with time zone NOT NULL,
	"granted_by_id" uuid,
	"granted_for_id" uuid,
	"granted_at" timestamp(3) with time zone,
	"enrolment_link_id" uuid,
	"ended_at" timestamp(3) with time zone,
	"ended_by_id" uuid,
	CONSTRAINT "recoveries_by_two" CHECK ("recoveries"."granted_by_id" <> "recoveries"."requested_by_id"),
	CONSTRAINT "recoveries_by_two_coordinations" CHECK ("recoveries"."granted_for_id" <> "recoveries"."requested_for_id"),
	CONSTRAINT "recoveries_of_others" CHECK ("recoveries"."delegate_id" not in ("recoveries"."requested_by_id", "recoveries"."granted_by_id")),
	CONSTRAINT "recoveries_granted" CHECK (("recoveries"."granted_by_id" is null) = ("recoveries"."granted_at" is null) and ("recoveries"."granted_by_id" is null) = ("recoveries"."granted_for_id" is null) and ("recoveries"."granted_by_id" is null) = ("recoveries"."enrolment_link_id" is null)),
	CONSTRAINT "recoveries_ended" CHECK (("recoveries"."ended_by_id" is null) = ("recoveries"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "second_factors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"delegate_id" uuid NOT NULL,
	"secret" "bytea" NOT NULL,
	"confirmed_at" timestamp(3) with time zone,
	"last_period" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"failures_until" timestamp(3) with time zone,
	CONSTRAINT "second_factors_delegateId_unique" UNIQUE("delegate_id")
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
	"organisation_id" uuid NOT NULL,
	"erased_at" timestamp(3) with time zone
);
--> statement-breakpoint
CREATE TABLE "enrolment_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"delegate_id" uuid NOT NULL,
	"created_by_delegate_id" uuid,
	"made_with_id" uuid,
	"scopes" text[] DEFAULT '{}' NOT NULL,
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
	"created_by_delegate_id" uuid,
	"parent_id" uuid,
	"origin" "token_origin" DEFAULT 'minted' NOT NULL,
	"by_administrator" boolean DEFAULT false NOT NULL,
	"label" text NOT NULL,
	"scopes" text[] NOT NULL,
	"powers" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone,
	"used_on" date DEFAULT current_date NOT NULL,
	"elevated_until" timestamp(3) with time zone,
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
CREATE TABLE "contact_channels" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"organisation_id" uuid NOT NULL,
	"channels" "bytea" NOT NULL,
	CONSTRAINT "contact_channels_organisationId_unique" UNIQUE("organisation_id")
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"organisation_id" uuid NOT NULL,
	"mandate_id" uuid NOT NULL,
	"made_with_id" uuid NOT NULL,
	"uses_max" integer NOT NULL,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"revoked_at" timestamp(3) with time zone,
	CONSTRAINT "invitations_hash_unique" UNIQUE("hash"),
	CONSTRAINT "invitations_uses" CHECK ("invitations"."uses" between 0 and "invitations"."uses_max"),
	CONSTRAINT "invitations_uses_max" CHECK ("invitations"."uses_max" between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "seals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"organisation_id" uuid NOT NULL,
	"organisation_kind" "organisation_kind" NOT NULL,
	"sealed_by_id" uuid NOT NULL,
	"requested_by_id" uuid,
	"requested_mandate_id" uuid,
	"requested_for_id" uuid,
	"expires_at" timestamp(3) with time zone,
	"lifted_by_id" uuid,
	"lifted_at" timestamp(3) with time zone,
	CONSTRAINT "seals_asked" CHECK (num_nulls("seals"."requested_by_id", "seals"."requested_mandate_id", "seals"."requested_for_id", "seals"."expires_at") in (0, 4) and "seals"."requested_for_id" = "seals"."organisation_id"),
	CONSTRAINT "seals_lifted" CHECK (("seals"."lifted_by_id" is null) = ("seals"."lifted_at" is null)),
	CONSTRAINT "seals_lifted_by_two" CHECK ("seals"."lifted_at" is null or "seals"."lifted_by_id" is distinct from "seals"."requested_by_id" and "seals"."requested_by_id" is not null)
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
	"vouch_by" timestamp(3) with time zone,
	"sealed_at" timestamp(3) with time zone,
	"created_by_organisation_id" uuid,
	"claimed_at" timestamp(3) with time zone,
	"invited_by_id" uuid,
	"vouching_coordination_id" uuid,
	"renaming" jsonb,
	"former_names" text[] DEFAULT '{}' NOT NULL,
	"search_text" text GENERATED ALWAYS AS (search_form(name, name_variants, abbreviation)) STORED NOT NULL,
	"search_pairs" text[] GENERATED ALWAYS AS (search_pairs(name, name_variants, abbreviation)) STORED NOT NULL,
	"skeletons" text DEFAULT '' NOT NULL,
	"skeletons_version" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "organisations_country" CHECK ("organisations"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "organisations_merged" CHECK (("organisations"."status" = 'merged') = ("organisations"."merged_into_id" is not null)),
	CONSTRAINT "organisations_vouched_in_time" CHECK ("organisations"."status" <> 'provisional' or "organisations"."vouch_by" is not null),
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
CREATE TABLE "offer_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"pact_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"expires_at" timestamp(3) with time zone NOT NULL,
	"used_at" timestamp(3) with time zone,
	"revoked_at" timestamp(3) with time zone,
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
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
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "proposals_number" UNIQUE("pact_id","number"),
	CONSTRAINT "proposals_in_pact" UNIQUE("id","pact_id"),
	CONSTRAINT "proposals_text" UNIQUE("id","pact_id","content_digest"),
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
	"organisation_status" "organisation_status",
	"decision" "response_decision" NOT NULL,
	"statement" text,
	"language" text,
	"known_to" uuid[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "signatures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"signed_at" timestamp(3) with time zone NOT NULL,
	"pact_id" uuid NOT NULL,
	"proposal_id" uuid NOT NULL,
	"content_digest" text NOT NULL,
	"organisation_id" uuid NOT NULL,
	"organisation_status" "organisation_status",
	"delegate_id" uuid NOT NULL,
	"mandate_id" uuid NOT NULL,
	"receipt" jsonb NOT NULL,
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "signatures_one_each" UNIQUE("proposal_id","organisation_id")
);
--> statement-breakpoint
CREATE TABLE "pact_pairs" (
	"pact_id" uuid NOT NULL,
	"lower_id" uuid NOT NULL,
	"higher_id" uuid NOT NULL,
	"purpose" "pact_purpose" NOT NULL,
	"term" daterange NOT NULL,
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "pact_pairs_pact_id_lower_id_higher_id_pk" PRIMARY KEY("pact_id","lower_id","higher_id"),
	CONSTRAINT "pact_pairs_ordered" CHECK ("pact_pairs"."lower_id" < "pact_pairs"."higher_id")
);
--> statement-breakpoint
CREATE TABLE "pact_parties" (
	"pact_id" uuid NOT NULL,
	"organisation_id" uuid NOT NULL,
	"standing" "party_standing" NOT NULL,
	"added_at" timestamp(3) with time zone NOT NULL,
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	"declined_number" integer,
	"declined_at" timestamp(3) with time zone,
	"declined_version" integer,
	CONSTRAINT "pact_parties_pact_id_organisation_id_pk" PRIMARY KEY("pact_id","organisation_id"),
	CONSTRAINT "pact_parties_declined" CHECK (num_nulls("pact_parties"."declined_number", "pact_parties"."declined_at", "pact_parties"."declined_version") = case when "pact_parties"."standing" = 'declined' then 0 else 3 end)
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
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	"proposed_at" timestamp(3) with time zone,
	"proposal_id" uuid,
	"starts_on" date,
	"ends_on" date,
	"notice_days" integer,
	"sign_by" timestamp(3) with time zone,
	"activated_at" timestamp(3) with time zone,
	CONSTRAINT "pacts_term" CHECK ("pacts"."ends_on" is null or "pacts"."ends_on" > "pacts"."starts_on"),
	CONSTRAINT "pacts_drafts" CHECK (("pacts"."proposed_at" is null) or "pacts"."status" <> 'draft'),
	CONSTRAINT "pacts_proposed" CHECK ("pacts"."proposed_at" is not null or "pacts"."status" in ('draft', 'withdrawn')),
	CONSTRAINT "pacts_agreed" CHECK (num_nulls("pacts"."proposal_id", "pacts"."sign_by") = 0 or "pacts"."status" not in ('signing', 'lapsed', 'active', 'expired')),
	CONSTRAINT "pacts_activated" CHECK (("pacts"."activated_at" is not null) = ("pacts"."status" in ('active', 'expired'))),
	CONSTRAINT "pacts_in_force" CHECK (num_nulls("pacts"."starts_on", "pacts"."notice_days", "pacts"."activated_at") = case when "pacts"."activated_at" is null then 3 else 0 end),
	CONSTRAINT "pacts_expired" CHECK ("pacts"."ends_on" is not null or "pacts"."status" <> 'expired')
);
--> statement-breakpoint
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
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "bookings_finite" CHECK (coalesce(isfinite(lower("bookings"."during")) and isfinite(upper("bookings"."during")), false)
        and lower_inc("bookings"."during") and not upper_inc("bookings"."during")),
	CONSTRAINT "bookings_hold_ends" CHECK (("bookings"."status" = 'held') = ("bookings"."hold_until" is not null))
);
--> statement-breakpoint
CREATE TABLE "itineraries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"visit_id" uuid NOT NULL,
	"host_id" uuid NOT NULL,
	"items" "bytea" NOT NULL,
	"by_key_of_visit" boolean NOT NULL,
	CONSTRAINT "itineraries_visitId_unique" UNIQUE("visit_id")
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
	"agreed_at" timestamp(3) with time zone,
	"consented_at" timestamp(3) with time zone,
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "visit_participants_with_visit_and_delegate" UNIQUE("id","visit_id","delegate_id"),
	CONSTRAINT "visit_participants_agreed" CHECK ("visit_participants"."agreed_at" is not null or "visit_participants"."status" in ('nominated', 'withdrawn'))
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
	"known_to" uuid[] DEFAULT '{}' NOT NULL,
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
	"zone_data_version" text DEFAULT '' NOT NULL,
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
	CONSTRAINT "visits_with_direction" UNIQUE("id","pact_id","host_id","visitor_id"),
	CONSTRAINT "visits_third_country" CHECK ("visits"."mode" <> 'third_country' or "visits"."country" is not null),
	CONSTRAINT "visits_two_organisations" CHECK ("visits"."host_id" <> "visits"."visitor_id"),
	CONSTRAINT "visits_country" CHECK ("visits"."country" ~ '^[A-Z]{2}$'),
	CONSTRAINT "visits_window_is_whole" CHECK (num_nulls("visits"."window_id", "visits"."starts_at", "visits"."ends_at") in (0, 3)),
	CONSTRAINT "visits_window_ends_after_start" CHECK ("visits"."ends_at" > "visits"."starts_at"),
	CONSTRAINT "visits_window_is_chosen" CHECK ("visits"."status" = 'cancelled' or ("visits"."window_id" is null) = ("visits"."status" in ('proposed', 'rescheduling', 'declined'))),
	CONSTRAINT "visits_windows" CHECK (jsonb_typeof("visits"."windows") = 'array' and jsonb_array_length("visits"."windows") between 1 and 5),
	CONSTRAINT "visits_window_was_offered" CHECK ("visits"."window_id" is null or "visits"."windows" @> jsonb_build_array(jsonb_build_object('id', "visits"."window_id"))),
	CONSTRAINT "visits_span_is_the_window" CHECK ("visits"."span_starts_at" = "visits"."starts_at" and "visits"."span_ends_at" = "visits"."ends_at"),
	CONSTRAINT "visits_span" CHECK ("visits"."span_ends_at" > "visits"."span_starts_at"),
	CONSTRAINT "visits_span_is_short" CHECK ("visits"."span_ends_at" - "visits"."span_starts_at" <= interval '791 days'),
	CONSTRAINT "visits_confirmed_by" CHECK ("visits"."confirmed_by" <@ array['host','visitor'] and (cardinality("visits"."confirmed_by") < 2 or (cardinality("visits"."confirmed_by") = 2 and "visits"."confirmed_by" @> array['host','visitor']))),
	CONSTRAINT "visits_confirmed_by_both" CHECK (case when "visits"."status" = 'cancelled' then true when "visits"."status" = 'accepted' then cardinality("visits"."confirmed_by") < 2
        else cardinality("visits"."confirmed_by") = case when "visits"."status" in ('proposed', 'rescheduling', 'declined') then 0 else 2 end end),
	CONSTRAINT "visits_reported_by" CHECK ("visits"."reported_by" <@ array['host','visitor'] and (cardinality("visits"."reported_by") < 2 or (cardinality("visits"."reported_by") = 2 and "visits"."reported_by" @> array['host','visitor']))),
	CONSTRAINT "visits_reported_by_both" CHECK (cardinality("visits"."reported_by") = 0 and "visits"."status" <> 'reported'
        or cardinality("visits"."reported_by") = 1 and "visits"."status" = 'completed'
        or cardinality("visits"."reported_by") = 2 and "visits"."status" = 'reported')
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"position" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"id" uuid NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"type" text NOT NULL,
	"object" text NOT NULL,
	"rest_hash" text,
	"salt" uuid DEFAULT gen_random_uuid(),
	"transaction_id" text DEFAULT pg_current_xact_id()::text,
	"subject_id" uuid,
	"subject_version" integer,
	"organisation_id" uuid,
	"actor_kind" text,
	"actor_id" uuid,
	"mandate_id" uuid,
	"request_id" uuid,
	"move" text,
	"from_status" text,
	"to_status" text,
	"reason_digest" text,
	"details" jsonb DEFAULT '{}'::jsonb,
	CONSTRAINT "ledger_id_unique" UNIQUE("id"),
	CONSTRAINT "ledger_whole_or_redacted" CHECK (case when "ledger"."rest_hash" is null
        then num_nulls("ledger"."salt", "ledger"."transaction_id", "ledger"."subject_id", "ledger"."subject_version", "ledger"."actor_kind", "ledger"."request_id", "ledger"."details") = 0
        else num_nonnulls("ledger"."salt", "ledger"."transaction_id", "ledger"."subject_id", "ledger"."subject_version", "ledger"."organisation_id", "ledger"."actor_kind", "ledger"."actor_id", "ledger"."mandate_id", "ledger"."request_id", "ledger"."move", "ledger"."from_status", "ledger"."to_status", "ledger"."reason_digest", "ledger"."details") = 0 end)
);
--> statement-breakpoint
CREATE TABLE "ledger_leaves" (
	"index" bigint PRIMARY KEY NOT NULL,
	"entry_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "ledger_leaves_entryId_unique" UNIQUE("entry_id")
);
--> statement-breakpoint
CREATE TABLE "unsealed_entries" (
	"position" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transition_reasons" (
	"entry_id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"salt" uuid NOT NULL,
	"written_by_id" uuid,
	"about_id" uuid
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"answer" "bytea",
	"delegate_id" uuid,
	"expires_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_by_id_delegates_id_fk" FOREIGN KEY ("requested_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_mandate_id_mandates_id_fk" FOREIGN KEY ("requested_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_for_id_organisations_id_fk" FOREIGN KEY ("requested_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_by_id_delegates_id_fk" FOREIGN KEY ("granted_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_mandate_id_mandates_id_fk" FOREIGN KEY ("granted_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_for_id_organisations_id_fk" FOREIGN KEY ("granted_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_ended_by_id_delegates_id_fk" FOREIGN KEY ("ended_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_reader_id_delegates_id_fk" FOREIGN KEY ("reader_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_reads" ADD CONSTRAINT "identity_reads_disclosure_id_disclosures_id_fk" FOREIGN KEY ("disclosure_id") REFERENCES "public"."disclosures"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_by_id_delegates_id_fk" FOREIGN KEY ("requested_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_mandate_id_mandates_id_fk" FOREIGN KEY ("requested_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_requested_for_id_organisations_id_fk" FOREIGN KEY ("requested_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_granted_by_id_delegates_id_fk" FOREIGN KEY ("granted_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_granted_for_id_organisations_id_fk" FOREIGN KEY ("granted_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recoveries" ADD CONSTRAINT "recoveries_ended_by_id_delegates_id_fk" FOREIGN KEY ("ended_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "delegates" ADD CONSTRAINT "delegates_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_created_by_delegate_id_delegates_id_fk" FOREIGN KEY ("created_by_delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_made_with_id_tokens_id_fk" FOREIGN KEY ("made_with_id") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_created_by_delegate_id_delegates_id_fk" FOREIGN KEY ("created_by_delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_parent_id_tokens_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliations" ADD CONSTRAINT "affiliations_member_id_organisations_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "affiliations" ADD CONSTRAINT "affiliations_parent_id_organisations_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_channels" ADD CONSTRAINT "contact_channels_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "seals" ADD CONSTRAINT "seals_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_invited_by_id_organisations_id_fk" FOREIGN KEY ("invited_by_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_vouching_coordination_id_organisations_id_fk" FOREIGN KEY ("vouching_coordination_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "worksites" ADD CONSTRAINT "worksites_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "offer_links" ADD CONSTRAINT "offer_links_to_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_pact_id_pacts_id_fk" FOREIGN KEY ("pact_id") REFERENCES "public"."pacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_by_party" FOREIGN KEY ("pact_id","author_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_supersedes_in_pact" FOREIGN KEY ("supersedes_id","pact_id") REFERENCES "public"."proposals"("id","pact_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "responses" ADD CONSTRAINT "responses_of_text_in_pact" FOREIGN KEY ("proposal_id","pact_id","content_digest") REFERENCES "public"."proposals"("id","pact_id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "responses" ADD CONSTRAINT "responses_by_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_of_text_in_pact" FOREIGN KEY ("proposal_id","pact_id","content_digest") REFERENCES "public"."proposals"("id","pact_id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_by_party" FOREIGN KEY ("pact_id","organisation_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_by_mandate" FOREIGN KEY ("mandate_id","delegate_id") REFERENCES "public"."mandates"("id","delegate_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_lower_is_party" FOREIGN KEY ("pact_id","lower_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_higher_is_party" FOREIGN KEY ("pact_id","higher_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_pact_id_pacts_id_fk" FOREIGN KEY ("pact_id") REFERENCES "public"."pacts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_proposer_id_organisations_id_fk" FOREIGN KEY ("proposer_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_of_participant" FOREIGN KEY ("participant_id","visit_id","delegate_id") REFERENCES "public"."visit_participants"("id","visit_id","delegate_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itineraries" ADD CONSTRAINT "itineraries_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itineraries" ADD CONSTRAINT "itineraries_host_id_organisations_id_fk" FOREIGN KEY ("host_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visit_reports" ADD CONSTRAINT "visit_reports_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_host_is_party" FOREIGN KEY ("pact_id","host_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_visitor_is_party" FOREIGN KEY ("pact_id","visitor_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_returns_the_other_direction" FOREIGN KEY ("returns_visit_id","pact_id","visitor_id","host_id") REFERENCES "public"."visits"("id","pact_id","host_id","visitor_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "disclosures_by_delegate" ON "disclosures" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "disclosures_by_requester" ON "disclosures" USING btree ("requested_by_id");--> statement-breakpoint
CREATE INDEX "disclosures_by_granter" ON "disclosures" USING btree ("granted_by_id") WHERE "disclosures"."granted_by_id" is not null;--> statement-breakpoint
CREATE INDEX "disclosures_newest" ON "disclosures" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "disclosures_with_reason" ON "disclosures" USING btree ("expires_at") WHERE reason <> '';--> statement-breakpoint
CREATE INDEX "identity_reads_of_delegate" ON "identity_reads" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "identity_reads_by_reader" ON "identity_reads" USING btree ("reader_id","created_at");--> statement-breakpoint
CREATE INDEX "identity_reads_oldest" ON "identity_reads" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "mandates_one_claim" ON "mandates" USING btree ("delegate_id","organisation_id") WHERE status = 'submitted';--> statement-breakpoint
CREATE INDEX "mandates_by_delegate" ON "mandates" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "mandates_by_organisation" ON "mandates" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "mandates_ending" ON "mandates" USING btree ("ends_on") WHERE status = 'active' and ends_on is not null;--> statement-breakpoint
CREATE INDEX "recoveries_by_organisation" ON "recoveries" USING btree ("organisation_id","created_at","id");--> statement-breakpoint
CREATE INDEX "recoveries_by_delegate" ON "recoveries" USING btree ("delegate_id","created_at","id");--> statement-breakpoint
CREATE INDEX "recoveries_by_requester" ON "recoveries" USING btree ("requested_by_id");--> statement-breakpoint
CREATE INDEX "recoveries_newest" ON "recoveries" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "recoveries_with_reason" ON "recoveries" USING btree ("expires_at") WHERE reason <> '';--> statement-breakpoint
CREATE INDEX "delegates_by_organisation" ON "delegates" USING btree ("organisation_id","id");--> statement-breakpoint
CREATE INDEX "enrolment_links_by_delegate" ON "enrolment_links" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "enrolment_links_made_with" ON "enrolment_links" USING btree ("made_with_id");--> statement-breakpoint
CREATE INDEX "tokens_by_delegate" ON "tokens" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "tokens_by_organisation" ON "tokens" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "tokens_by_parent" ON "tokens" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "tokens_expiring" ON "tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "tokens_idle" ON "tokens" USING btree ("used_on") WHERE revoked_at is null;--> statement-breakpoint
CREATE INDEX "affiliations_by_member" ON "affiliations" USING btree ("member_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "affiliations_by_parent" ON "affiliations" USING btree ("parent_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_by_organisation" ON "invitations" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_by_mandate" ON "invitations" USING btree ("mandate_id");--> statement-breakpoint
CREATE INDEX "invitations_made_with" ON "invitations" USING btree ("made_with_id");--> statement-breakpoint
CREATE INDEX "invitations_expiring" ON "invitations" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "seals_standing" ON "seals" USING btree ("organisation_id") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "organisations_newest" ON "organisations" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_changed" ON "organisations" USING btree ("updated_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_country" ON "organisations" USING btree ("country","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_status" ON "organisations" USING btree ("status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_kind" ON "organisations" USING btree ("kind","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "organisations_by_industry" ON "organisations" USING gin ("industries") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_search" ON "organisations" USING gin ("country",search_text gin_trgm_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_skeletons" ON "organisations" USING gin ("country",skeletons gin_trgm_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_skeletons_version" ON "organisations" USING btree ("skeletons_version");--> statement-breakpoint
CREATE INDEX "organisations_search_pairs" ON "organisations" USING gin ("search_pairs") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_lapsing" ON "organisations" USING btree ("vouch_by") WHERE status = 'provisional';--> statement-breakpoint
CREATE INDEX "organisations_to_verify" ON "organisations" USING btree (("invited_by_id" is null and "created_by_organisation_id" is null),"vouch_by","id") WHERE status = 'provisional';--> statement-breakpoint
CREATE INDEX "organisations_to_verify_by" ON "organisations" USING btree ("vouching_coordination_id",("invited_by_id" is null and "created_by_organisation_id" is null),"vouch_by","id") WHERE status = 'provisional';--> statement-breakpoint
CREATE INDEX "organisations_sealed" ON "organisations" USING btree ("id") WHERE sealed_at is not null;--> statement-breakpoint
CREATE INDEX "organisations_merged_into" ON "organisations" USING btree ("merged_into_id") WHERE merged_into_id is not null;--> statement-breakpoint
CREATE INDEX "worksites_by_organisation" ON "worksites" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "offer_links_by_pact" ON "offer_links" USING btree ("pact_id","created_at","id");--> statement-breakpoint
CREATE INDEX "offer_links_by_organisation" ON "offer_links" USING btree ("organisation_id");--> statement-breakpoint
CREATE INDEX "offer_links_expiring" ON "offer_links" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "proposals_one_open" ON "proposals" USING btree ("pact_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "proposals_to_expire" ON "proposals" USING btree ("answer_by") WHERE status = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "responses_one_decision" ON "responses" USING btree ("proposal_id","organisation_id") WHERE decision in ('accept', 'decline');--> statement-breakpoint
CREATE INDEX "responses_by_pact" ON "responses" USING btree ("pact_id","created_at","id");--> statement-breakpoint
CREATE INDEX "signatures_by_pact" ON "signatures" USING btree ("pact_id","signed_at");--> statement-breakpoint
CREATE INDEX "pact_parties_by_organisation" ON "pact_parties" USING btree ("organisation_id","pact_id");--> statement-breakpoint
CREATE INDEX "pacts_to_lapse" ON "pacts" USING btree ("sign_by") WHERE status = 'signing';--> statement-breakpoint
CREATE INDEX "pacts_to_expire" ON "pacts" USING btree ("ends_on") WHERE status = 'active';--> statement-breakpoint
CREATE UNIQUE INDEX "bookings_one_live" ON "bookings" USING btree ("participant_id") WHERE status in ('held', 'confirmed');--> statement-breakpoint
CREATE INDEX "bookings_by_visit" ON "bookings" USING btree ("visit_id");--> statement-breakpoint
CREATE INDEX "bookings_holds" ON "bookings" USING btree ("hold_until") WHERE status = 'held';--> statement-breakpoint
CREATE UNIQUE INDEX "visit_participants_once" ON "visit_participants" USING btree ("visit_id","delegate_id") WHERE status <> 'withdrawn';--> statement-breakpoint
CREATE INDEX "visit_participants_by_visit" ON "visit_participants" USING btree ("visit_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "visit_participants_by_delegate" ON "visit_participants" USING btree ("delegate_id");--> statement-breakpoint
CREATE INDEX "visits_by_host" ON "visits" USING btree ("host_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE INDEX "visits_by_visitor" ON "visits" USING btree ("visitor_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE INDEX "visits_by_pact" ON "visits" USING btree ("pact_id","span_starts_at","id","span_ends_at");--> statement-breakpoint
CREATE UNIQUE INDEX "visits_returned_once" ON "visits" USING btree ("returns_visit_id") WHERE returns_visit_id is not null and status not in ('declined', 'cancelled');--> statement-breakpoint
CREATE INDEX "visits_to_retime" ON "visits" USING btree ("zone_data_version","id") WHERE status in ('proposed', 'accepted', 'confirmed', 'rescheduling', 'in_progress');--> statement-breakpoint
CREATE INDEX "visits_to_start" ON "visits" USING btree ("starts_at") WHERE status = 'confirmed';--> statement-breakpoint
CREATE INDEX "visits_to_complete" ON "visits" USING btree ("ends_at") WHERE status = 'in_progress';--> statement-breakpoint
CREATE INDEX "ledger_subject" ON "ledger" USING btree ("subject_id","position");--> statement-breakpoint
CREATE INDEX "ledger_personal" ON "ledger" USING btree ("at") WHERE "ledger"."rest_hash" is null and "ledger"."object" in ('booking', 'delegate', 'disclosure', 'enrolment_link', 'identity', 'identity_budget', 'identity_read', 'itinerary', 'mandate', 'participant', 'recovery', 'second_factor', 'token');--> statement-breakpoint
CREATE INDEX "transition_reasons_oldest" ON "transition_reasons" USING btree ("at");--> statement-breakpoint
CREATE INDEX "transition_reasons_by_writer" ON "transition_reasons" USING btree ("written_by_id") WHERE "transition_reasons"."written_by_id" is not null;--> statement-breakpoint
CREATE INDEX "transition_reasons_by_person" ON "transition_reasons" USING btree ("about_id") WHERE "transition_reasons"."about_id" is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_delegate" ON "idempotency_keys" USING btree ("delegate_id") WHERE delegate_id is not null;--> statement-breakpoint

-- What the tables in src cannot say. The features' problems.ts know the names of constraints.
alter table ledger add constraint ledger_object check (type like object || '.%');--> statement-breakpoint
alter table organisations add constraint organisations_merged_into
  foreign key (merged_into_id) references organisations (id);--> statement-breakpoint
alter table organisations add constraint organisations_created_by
  foreign key (created_by_organisation_id) references organisations (id);--> statement-breakpoint
alter table organisations add constraint organisations_not_into_itself check (merged_into_id <> id);--> statement-breakpoint
-- A pair has one affiliation at a time; the last day belongs to the period.
alter table affiliations add constraint affiliations_no_overlap
  exclude using gist (member_id with =, parent_id with =, daterange(starts_on, ends_on, '[]') with &&)
  where (status in ('requested', 'confirmed'));--> statement-breakpoint
-- A delegate has one active mandate for an organisation and office at a time; the last day belongs to the period.
alter table mandates add constraint mandates_no_overlap
  exclude using gist (delegate_id with =, organisation_id with =, office with =, daterange(starts_on, ends_on, '[]') with &&)
  where (status = 'active');--> statement-breakpoint
-- A coordination has one open recovery for a person at a time.
alter table recoveries add constraint recoveries_one_open
  exclude using gist (delegate_id with =, requested_for_id with =, tstzrange(created_at, expires_at) with &&)
  where (granted_at is null and ended_at is null);--> statement-breakpoint
-- A pact and its proposals refer to each other, which the tables in src cannot say without a circular import.
alter table pacts add constraint pacts_proposal_in_pact
  foreign key (proposal_id, id) references proposals (id, pact_id);--> statement-breakpoint
alter table pact_parties add constraint pact_parties_declined_proposal
  foreign key (pact_id, declined_number) references proposals (pact_id, number);--> statement-breakpoint
-- The same pair has no two pacts of one purpose over overlapping terms once all parties have accepted one text.
alter table pact_pairs add constraint pact_pairs_no_overlap
  exclude using gist (purpose with =, lower_id with =, higher_id with =, term with &&);--> statement-breakpoint
-- A delegate has no two live bookings that overlap.
alter table bookings add constraint bookings_no_overlap
  exclude using gist (delegate_id with =, during with &&)
  where (status in ('held', 'confirmed'));
