-- Whether the caller administers the organisation by this mandate. A seal takes all powers from the caller, so the settings do not say it.
create or replace function is_administering(sought uuid, organisation uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from mandates
    where id = sought and organisation_id = organisation and delegate_id = caller_delegate()
      and status = 'active' and 'administer' = any (powers));
end
$$;

-- Says that the sealed organisations are others now, once in a transaction. Deferred to the commit, so that no seal waits for another one
-- that is being set.
create or replace function renew_seal_version() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  update public.seal_version set version = gen_random_uuid() where xmin <> pg_current_xact_id()::xid;
  return null;
end
$$;

-- SECURITY DEFINER, because the policies hide a sealed organisation. It looks up these organisations only, so its cost does not depend on
-- the number of seals.
create or replace function has_sealed(known uuid[]) returns boolean language plpgsql stable parallel safe security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  return exists (
    select from public.organisations
    where id = any (known) and sealed_at is not null and id <> all (coalesce(public.caller_organisations(), '{}')));
end
$$;
-- Whether one of the organisations is sealed and is not the caller's own. While nothing is sealed, only the setting is read. Called without a
-- sub-select: each sub-select is a node of the plan that every statement sets up.
create or replace function is_sealed_away(known uuid[]) returns boolean language sql stable parallel safe
  as $$ select current_setting('pact.seals', true) is distinct from 'none' and (known is null or has_sealed(known)) $$;
