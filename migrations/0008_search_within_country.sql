-- btree_gin: the country beside the trigrams of the name, in one index.
CREATE EXTENSION IF NOT EXISTS btree_gin;--> statement-breakpoint
DROP INDEX "organisations_search";--> statement-breakpoint
CREATE INDEX "organisations_search" ON "organisations" USING gin ("country",search_text gin_trgm_ops);