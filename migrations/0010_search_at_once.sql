DROP INDEX "organisations_by_industry";--> statement-breakpoint
DROP INDEX "organisations_search";--> statement-breakpoint
CREATE INDEX "organisations_by_industry" ON "organisations" USING gin ("industries") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "organisations_search" ON "organisations" USING gin ("country",search_text gin_trgm_ops) WITH (fastupdate=false);