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
ALTER TABLE "organisations" ADD COLUMN "invited_by_id" uuid;--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "vouching_coordination_id" uuid;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organisation_id_organisations_id_fk" FOREIGN KEY ("organisation_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invitations_by_organisation" ON "invitations" USING btree ("organisation_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_by_mandate" ON "invitations" USING btree ("mandate_id");--> statement-breakpoint
CREATE INDEX "invitations_made_with" ON "invitations" USING btree ("made_with_id");--> statement-breakpoint
CREATE INDEX "invitations_expiring" ON "invitations" USING btree ("expires_at");--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_invited_by_id_organisations_id_fk" FOREIGN KEY ("invited_by_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_vouching_coordination_id_organisations_id_fk" FOREIGN KEY ("vouching_coordination_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "organisations_to_verify" ON "organisations" USING btree (("invited_by_id" is null and "created_by_organisation_id" is null),"vouch_by","id") WHERE status = 'provisional';--> statement-breakpoint
CREATE INDEX "organisations_to_verify_by" ON "organisations" USING btree ("vouching_coordination_id",("invited_by_id" is null and "created_by_organisation_id" is null),"vouch_by","id") WHERE status = 'provisional';