-- Whether the caller administers the organisation by this mandate. A seal takes all powers from the caller, so the settings do not say it.
create or replace function is_administering(sought uuid, organisation uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from mandates
    where id = sought and organisation_id = organisation and delegate_id = caller_delegate()
      and status = 'active' and 'administer' = any (powers));
end
$$;
