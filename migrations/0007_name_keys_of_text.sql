-- Hashes of the trigrams of texts, combined with that of the country. hashtext() of a text is the same in every version that reads
-- the same hash indexes. In a generated column, so that no row can lack them, whatever wrote it.
create function name_keys(country text, variadic texts text[]) returns integer[]
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select coalesce(array_agg(distinct hashtext(trigram) # hashtext(country)), '{}')
  from unnest(texts) as compared(form) cross join lateral unnest(show_trgm(form)) trigram
$$;--> statement-breakpoint
ALTER TABLE "organisations" drop column "name_keys";--> statement-breakpoint
ALTER TABLE "organisations" ADD COLUMN "name_keys" integer[] GENERATED ALWAYS AS (name_keys(country, search_form(name, name_variants, abbreviation), skeletons)) STORED NOT NULL;--> statement-breakpoint
CREATE INDEX "organisations_name_keys" ON "organisations" USING gin ("name_keys") WITH (fastupdate=false);
