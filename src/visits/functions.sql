-- Writes into known_to the two sides of the visit: see know_pact().
create or replace function know_of_visit() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select array[host_id, visitor_id] from visits where id = new.visit_id), '{}');
  return new;
end
$$;

-- A visit carries the names of its two sides and the title of its pact: a page of fifty spent 430 of 830 µs on joining them. These functions
-- keep them, and are SECURITY DEFINER, because a renaming concerns visits that its author may not see.

-- The locks make a renaming come first or wait, and then find this visit.
create or replace function name_visit() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform from public.pacts where id = new.pact_id for share;
  perform from public.organisations where id in (new.host_id, new.visitor_id) order by id for share;
  new.host_name := (select name from public.organisations where id = new.host_id);
  new.visitor_name := (select name from public.organisations where id = new.visitor_id);
  new.pact_title := (select title from public.pacts where id = new.pact_id);
  return new;
end
$$;
create or replace function rename_side_of_visits() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update public.visits set host_name = new.name where host_id = new.id;
  update public.visits set visitor_name = new.name where visitor_id = new.id;
  return null;
end
$$;
create or replace function rename_pact_of_visits() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update public.visits set pact_title = new.title where pact_id = new.id;
  return null;
end
$$;
