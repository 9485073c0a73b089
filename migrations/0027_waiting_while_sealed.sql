-- A coordination that has sealed itself vouches for nobody meanwhile: it gives no places to wait either.
create or replace function limit_waiting() returns trigger language plpgsql as $$
declare
  waiting bigint;
  vouching bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('organisations waiting', 0));
  select count(*) into waiting from organisations where status = 'provisional' and created_by_organisation_id is null;
  select count(*) into vouching from organisations
    where status = 'verified' and kind = 'coordination' and sealed_at is null;
  if waiting > waiting_per_coordination() * greatest(vouching, 1) then
    raise exception using errcode = 'check_violation', constraint = 'organisations_waiting',
      message = 'too many organisations are waiting';
  end if;
  return null;
end
$$;
