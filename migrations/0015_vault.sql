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
CREATE TABLE "itineraries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp(3) with time zone NOT NULL,
	"updated_at" timestamp(3) with time zone NOT NULL,
	"visit_id" uuid NOT NULL,
	"host_id" uuid NOT NULL,
	"items" "bytea" NOT NULL,
	CONSTRAINT "itineraries_visitId_unique" UNIQUE("visit_id")
);
--> statement-breakpoint
ALTER TABLE "delegates" ADD COLUMN "erased_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "delegate_id" uuid;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_channels" ADD CONSTRAINT "contact_channels_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itineraries" ADD CONSTRAINT "itineraries_visit_id_visits_id_fk" FOREIGN KEY ("visit_id") REFERENCES "public"."visits"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "itineraries" ADD CONSTRAINT "itineraries_host_id_organisations_id_fk" FOREIGN KEY ("host_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_by_delegate" ON "idempotency_keys" USING btree ("delegate_id") WHERE delegate_id is not null;--> statement-breakpoint

alter table identities enable row level security, force row level security;--> statement-breakpoint
alter table contact_channels enable row level security, force row level security;--> statement-breakpoint
alter table itineraries enable row level security, force row level security;--> statement-breakpoint
create policy identities_service on identities to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy contact_channels_service on contact_channels to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy itineraries_service on itineraries to solidarity_pact_service using (true) with check (true);--> statement-breakpoint

-- Who somebody is elsewhere is for themselves, and not for those who administer their organisation.
create policy identities_of_own on identities to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));--> statement-breakpoint
create policy contact_channels_of_own on contact_channels to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
-- The host writes it; whoever has agreed to come reads it, and the visit's other side does not.
create function takes_part(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from visit_participants
    where visit_id = sought and delegate_id = caller_delegate() and agreed_at is not null
      and status not in ('withdrawn', 'refused', 'no_show'));
end
$$;--> statement-breakpoint
create policy itineraries_read on itineraries for select to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]) or takes_part(visit_id));--> statement-breakpoint
create policy itineraries_of_hosts on itineraries to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]));
