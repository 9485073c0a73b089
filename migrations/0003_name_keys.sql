DROP INDEX "organisations_skeletons";--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "name_keys" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE INDEX "organisations_name_keys" ON "organisations" USING gin ("name_keys") WITH (fastupdate=false);