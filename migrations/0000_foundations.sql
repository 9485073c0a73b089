-- What the tables stand on.
-- btree_gist: exclusion constraints that mix equality with overlapping ranges.
create extension if not exists btree_gist;--> statement-breakpoint
-- pg_trgm: search by parts of names, in any script.
create extension if not exists pg_trgm;--> statement-breakpoint
-- unaccent: "Żerań" is found by "zeran".
create extension if not exists unaccent;--> statement-breakpoint
-- One spelling for searching: all names in one text, without case and accents. unaccent() is only STABLE because
-- its dictionary could be changed; ours is the one that comes with PostgreSQL, so the result may be indexed.
create function search_form(name text, variants text[], abbreviation text) returns text
  language sql immutable parallel safe
  set search_path = public, pg_catalog
as $$
  select lower(unaccent('unaccent'::regdictionary,
    name || coalesce(' ' || nullif(array_to_string(variants, ' '), ''), '') || coalesce(' ' || abbreviation, '')))
$$;--> statement-breakpoint
-- The trigger of every table that is only ever added to.
create function refuse_change() returns trigger
  language plpgsql
as $$
begin
  raise exception using errcode = 'restrict_violation', message = format('%s is append-only', tg_table_name);
end
$$;
