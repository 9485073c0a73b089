ALTER TABLE "organisations" ADD COLUMN "claimed_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "renaming" jsonb;--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "former_names" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "responses" ADD COLUMN "organisation_status" "organisation_status";--> statement-breakpoint
ALTER TABLE "signatures" ADD COLUMN "organisation_status" "organisation_status";--> statement-breakpoint

-- The owner sees no row while row level security is forced, and the service has its rights only after the migrations.
alter table organisations no force row level security;--> statement-breakpoint
alter table offer_links no force row level security;--> statement-breakpoint
alter table ledger no force row level security;--> statement-breakpoint
update organisations set claimed_at = claims.at
  from (select subject_id, min(at) as at from ledger where type = 'organisation.moved' and move = 'claim' group by subject_id) claims
  where claims.subject_id = organisations.id;--> statement-breakpoint
-- Links that outlived the claim of their addressee's account.
update offer_links set revoked_at = now() from organisations
  where organisations.id = offer_links.organisation_id and organisations.status <> 'unclaimed'
    and offer_links.used_at is null and offer_links.revoked_at is null;--> statement-breakpoint
alter table organisations force row level security;--> statement-breakpoint
alter table offer_links force row level security;--> statement-breakpoint
alter table ledger force row level security;
