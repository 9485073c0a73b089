-- The table authorities is computed here from mandates and organisations, and nowhere else. These functions are SECURITY DEFINER, because a
-- caller who changes a mandate may not see the organisations and mandates that it is computed from. They name tables with their schema.

-- Statuses of organisations that may act: see organisations/policy.ts. A mandate also counts for organisations that were merged into its
-- own, so that somebody can keep what they signed. It gives no `vouch` for them: otherwise one coordination that received another would
-- count as two.
create or replace function renew_authorities(changed uuid[]) returns void language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  delete from public.authorities a using public.mandates m
  where m.id = any (changed) and a.delegate_id = m.delegate_id and a.mandate_id = m.id;
  insert into public.authorities
    (delegate_id, mandate_id, organisation_id, organisation_kind, organisation_status, sealed, powers, starts_on, ends_on)
  select m.delegate_id, m.id, acted_for.id, o.kind, o.status, o.sealed_at is not null,
    case when o.sealed_at is not null then '{}' when acted_for.id = o.id then m.powers else array_remove(m.powers, 'vouch') end,
    m.starts_on, m.ends_on
  from public.mandates m
  join public.organisations o on o.id = m.organisation_id
  cross join lateral (select o.id union all select merged.id from public.organisations merged where merged.merged_into_id = o.id) acted_for
  where m.id = any (changed) and m.status = 'active' and o.status in ('provisional', 'verified', 'rejected');
end
$$;

-- The lock makes a change of the organisation come first or wait, and then find this mandate. The organisation is always locked before its
-- rows of authorities, so no two transactions wait for each other here.
create or replace function keep_authorities_of_mandate() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  perform from public.organisations where id = new.organisation_id for share;
  perform public.renew_authorities(array[new.id]);
  return null;
end
$$;

-- The lock on the successor makes a mandate that is being given there come first or wait.
create or replace function keep_authorities_of_organisation() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
declare concerned uuid[] := array[old.id, new.id, old.merged_into_id, new.merged_into_id];
begin
  perform from public.organisations where id in (old.merged_into_id, new.merged_into_id) order by id for no key update;
  perform public.renew_authorities(
    array(select id from public.mandates where organisation_id = any (concerned) and status = 'active'));
  return null;
end
$$;
