-- What belongs together is held together: a pact's proposal is one of its own, who answers or signs a text answers or
-- signs it in the pact that it belongs to, and what was signed was signed by whoever held the mandate.
ALTER TABLE "responses" DROP CONSTRAINT "responses_of_text";--> statement-breakpoint
ALTER TABLE "signatures" DROP CONSTRAINT "signatures_of_text";--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_digest";--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_author_id_organisations_id_fk";--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_supersedes";--> statement-breakpoint
ALTER TABLE "signatures" DROP CONSTRAINT "signatures_delegate_id_delegates_id_fk";--> statement-breakpoint
ALTER TABLE "signatures" DROP CONSTRAINT "signatures_mandate_id_mandates_id_fk";--> statement-breakpoint
ALTER TABLE "pact_pairs" DROP CONSTRAINT "pact_pairs_pact_id_pacts_id_fk";--> statement-breakpoint
ALTER TABLE "pact_pairs" DROP CONSTRAINT "pact_pairs_lower_id_organisations_id_fk";--> statement-breakpoint
ALTER TABLE "pact_pairs" DROP CONSTRAINT "pact_pairs_higher_id_organisations_id_fk";--> statement-breakpoint
ALTER TABLE "mandates" ADD CONSTRAINT "mandates_of_delegate" UNIQUE("id","delegate_id");--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_in_pact" UNIQUE("id","pact_id");--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_text" UNIQUE("id","pact_id","content_digest");--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_by_party" FOREIGN KEY ("pact_id","author_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_supersedes_in_pact" FOREIGN KEY ("supersedes_id","pact_id") REFERENCES "public"."proposals"("id","pact_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "responses" ADD CONSTRAINT "responses_of_text_in_pact" FOREIGN KEY ("proposal_id","pact_id","content_digest") REFERENCES "public"."proposals"("id","pact_id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_of_text_in_pact" FOREIGN KEY ("proposal_id","pact_id","content_digest") REFERENCES "public"."proposals"("id","pact_id","content_digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signatures" ADD CONSTRAINT "signatures_by_mandate" FOREIGN KEY ("mandate_id","delegate_id") REFERENCES "public"."mandates"("id","delegate_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_lower_is_party" FOREIGN KEY ("pact_id","lower_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD CONSTRAINT "pact_pairs_higher_is_party" FOREIGN KEY ("pact_id","higher_id") REFERENCES "public"."pact_parties"("pact_id","organisation_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- A pact and its proposals refer to each other, which the tables in src cannot say without a circle.
alter table pacts drop constraint pacts_proposal;--> statement-breakpoint
alter table pacts add constraint pacts_proposal_in_pact
  foreign key (proposal_id, id) references proposals (id, pact_id);--> statement-breakpoint
alter table pact_parties add constraint pact_parties_declined_proposal
  foreign key (pact_id, declined_number) references proposals (pact_id, number);--> statement-breakpoint
-- Who said no before this migration said it in a response, and the ledger tells to which version of the pact.
ALTER TABLE "pact_parties" DROP CONSTRAINT "pact_parties_declined";--> statement-breakpoint
ALTER TABLE "pact_parties" ADD COLUMN "declined_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD COLUMN "declined_version" integer;--> statement-breakpoint
update pact_parties party set
  declined_at = coalesce(
    (select max(created_at) from responses said
      where said.pact_id = party.pact_id and said.organisation_id = party.organisation_id and said.decision = 'decline'),
    pact.updated_at),
  declined_version = coalesce(
    (select max(subject_version) from ledger told
      where told.subject_id = party.pact_id and told.organisation_id = party.organisation_id
        and told.type in ('pact.declined', 'pact.party_declined')),
    pact.version)
from pacts pact where pact.id = party.pact_id and party.standing = 'declined';--> statement-breakpoint
ALTER TABLE "pact_parties" ADD CONSTRAINT "pact_parties_declined" CHECK (num_nulls("pact_parties"."declined_number", "pact_parties"."declined_at", "pact_parties"."declined_version") = case when "pact_parties"."standing" = 'declined' then 0 else 3 end);--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_proposed" CHECK ("pacts"."proposed_at" is not null or "pacts"."status" in ('draft', 'withdrawn'));--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_agreed" CHECK (num_nulls("pacts"."proposal_id", "pacts"."sign_by") = 0 or "pacts"."status" not in ('signing', 'lapsed', 'active', 'expired'));--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_activated" CHECK (("pacts"."activated_at" is not null) = ("pacts"."status" in ('active', 'expired')));--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_in_force" CHECK (num_nulls("pacts"."starts_on", "pacts"."notice_days", "pacts"."activated_at") = case when "pacts"."activated_at" is null then 3 else 0 end);--> statement-breakpoint
ALTER TABLE "pacts" ADD CONSTRAINT "pacts_expired" CHECK ("pacts"."ends_on" is not null or "pacts"."status" <> 'expired');
