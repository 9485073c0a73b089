-- A caller changes an invitation once, by revoking it. The service counts its uses.
create or replace function refuse_all_but_revocation() returns trigger language plpgsql as $$
begin
  if old.revoked_at is null and new.revoked_at is not null
    and to_jsonb(new) - 'revoked_at' = to_jsonb(old) - 'revoked_at'
  then
    return new;
  end if;
  raise exception using errcode = 'insufficient_privilege', message = format('a row of %s is revoked once, and not changed', tg_table_name);
end
$$;
