-- The only change of a ledger entry: after 24 months an entry about a person is replaced by its hash. The arguments of the trigger are
-- the columns that are cleared, and roles.ts grants the service an update of those alone.
create or replace function refuse_all_but_redaction() returns trigger language plpgsql as $$
begin
  if old.rest_hash is null and new.rest_hash is not null
    and is_personal(old.object) and old.at < now() - make_interval(hours => 730 * 24)
    and not jsonb_strip_nulls(to_jsonb(new)) ?| tg_argv
    and to_jsonb(new) - tg_argv - 'rest_hash' = to_jsonb(old) - tg_argv - 'rest_hash'
    and exists (select from ledger_leaves where entry_id = old.id)
  then
    return new;
  end if;
  raise exception using errcode = 'restrict_violation', message = format('%s is append-only', tg_table_name);
end
$$;

-- An entry waits for its leaf in the tree from its own transaction on.
create or replace function await_leaf() returns trigger language plpgsql as $$
begin
  insert into unsealed_entries (position) select position from new_entries;
  return null;
end
$$;
