ALTER TABLE "organisations" ADD COLUMN "skeletons" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "skeletons_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "organisations_skeletons" ON "organisations" USING gin ("country",skeletons gin_trgm_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_skeletons_version" ON "organisations" USING btree ("skeletons_version");