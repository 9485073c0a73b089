ALTER TABLE "disclosures" RENAME COLUMN "requested_in_id" TO "requested_for_id";--> statement-breakpoint
ALTER TABLE "disclosures" RENAME COLUMN "granted_in_id" TO "granted_for_id";--> statement-breakpoint
ALTER TABLE "seals" RENAME COLUMN "lift_asked_by_id" TO "requested_by_id";--> statement-breakpoint
ALTER TABLE "seals" RENAME COLUMN "lift_asked_mandate_id" TO "requested_mandate_id";--> statement-breakpoint
ALTER TABLE "seals" RENAME COLUMN "lift_asked_until" TO "expires_at";--> statement-breakpoint
ALTER TABLE "disclosures" DROP CONSTRAINT "disclosures_by_two_coordinations";--> statement-breakpoint
ALTER TABLE "disclosures" DROP CONSTRAINT "disclosures_granted";--> statement-breakpoint
ALTER TABLE "seals" DROP CONSTRAINT "seals_asked";--> statement-breakpoint
ALTER TABLE "seals" DROP CONSTRAINT "seals_lifted_by_two";--> statement-breakpoint
ALTER TABLE "disclosures" DROP CONSTRAINT "disclosures_requested_in_id_organisations_id_fk";
--> statement-breakpoint
ALTER TABLE "disclosures" DROP CONSTRAINT "disclosures_granted_in_id_organisations_id_fk";
--> statement-breakpoint
ALTER TABLE "seals" ADD COLUMN "requested_for_id" uuid;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_for_id_organisations_id_fk" FOREIGN KEY ("requested_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_for_id_organisations_id_fk" FOREIGN KEY ("granted_for_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_by_two_coordinations" CHECK ("disclosures"."granted_for_id" <> "disclosures"."requested_for_id");--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted" CHECK (("disclosures"."granted_by_id" is null) = ("disclosures"."granted_at" is null) and (
        "disclosures"."granted_by_id" is null or "disclosures"."ended_at" is not null
        or "disclosures"."granted_mandate_id" is not null and "disclosures"."granted_for_id" is not null));--> statement-breakpoint
-- Only the people of the organisation itself ask to lift its seal.
alter table seals no force row level security;--> statement-breakpoint
update seals set requested_for_id = organisation_id where requested_by_id is not null;--> statement-breakpoint
alter table seals force row level security;--> statement-breakpoint
ALTER TABLE "seals" ADD CONSTRAINT "seals_asked" CHECK (num_nulls("seals"."requested_by_id", "seals"."requested_mandate_id", "seals"."requested_for_id", "seals"."expires_at") in (0, 4) and "seals"."requested_for_id" = "seals"."organisation_id");--> statement-breakpoint
ALTER TABLE "seals" ADD CONSTRAINT "seals_lifted_by_two" CHECK ("seals"."lifted_at" is null or "seals"."lifted_by_id" is distinct from "seals"."requested_by_id" and "seals"."requested_by_id" is not null);