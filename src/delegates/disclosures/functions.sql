-- The record of who read whose identity is kept for 24 months.
create or replace function refuse_early_end() returns trigger language plpgsql as $$
begin
  if old.created_at < now() - make_interval(hours => 730 * 24) then
    return old;
  end if;
  raise exception using errcode = 'restrict_violation', message = format('%s is kept for 24 months', tg_table_name);
end
$$;
