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
ALTER TABLE "tokens" ADD COLUMN "elevated_until" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "second_factors" ADD CONSTRAINT "second_factors_delegate_id_delegates_id_fk" FOREIGN KEY ("delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint

alter table second_factors enable row level security, force row level security;--> statement-breakpoint
create policy second_factors_service on second_factors to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy second_factors_of_own on second_factors to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));
