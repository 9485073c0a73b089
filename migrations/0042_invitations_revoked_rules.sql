-- For a caller an invitation changes once, by being revoked. The service takes the uses, for whoever registers.
create function refuse_all_but_revocation() returns trigger language plpgsql as $$
begin
  if old.revoked_at is null and new.revoked_at is not null
    and to_jsonb(new) - 'revoked_at' = to_jsonb(old) - 'revoked_at'
  then
    return new;
  end if;
  raise exception using errcode = 'insufficient_privilege', message = format('a row of %s is revoked once, and not changed', tg_table_name);
end
$$;--> statement-breakpoint
drop trigger invitations_same on invitations;--> statement-breakpoint
create trigger invitations_only_revoked before update on invitations for each row
  when (current_user = 'solidarity_pact_caller') execute function refuse_all_but_revocation();
