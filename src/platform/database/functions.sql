-- Functions that the policies and triggers of every feature use.

-- Who calls: rls-context.ts tells each transaction by these settings. A setting that is not set is null, so no policy lets a row pass by
-- it. In a policy a call stands within (select …), so that it is evaluated once for each statement and not for each row.
create or replace function caller_kind() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('pact.caller', true), '') $$;
create or replace function caller_reach() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('pact.reach', true), '') $$;
create or replace function caller_delegate() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.delegate_id', true), '')::uuid $$;
create or replace function caller_organisations() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('pact.organisation_ids', true), '')::uuid[] $$;
create or replace function caller_administered() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('pact.administered_ids', true), '')::uuid[] $$;
-- The caller as the ledger names them: a delegate, or else the token or the link.
create or replace function caller_actor() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.actor_id', true), '')::uuid $$;
-- Whether a SECURITY DEFINER function or a trigger works with the rights of the owner. Policies for the owner ask it, so that a statement
-- of the owner still sees no row.
create or replace function runs_for_owner() returns boolean language sql stable
  as $$ select session_user <> current_user or pg_trigger_depth() > 0 $$;
-- The clock of the service, which tests move. Where it is not set, the clock of the database.
create or replace function service_now() returns timestamptz language sql stable
  as $$ select coalesce(nullif(current_setting('pact.now', true), '')::timestamptz, now()) $$;

-- For triggers of append-only tables. roles.ts grants nobody what this function refuses.
create or replace function refuse_change() returns trigger
  language plpgsql
as $$
begin
  raise exception using errcode = 'restrict_violation', message = format('%s is append-only', tg_table_name);
end
$$;
-- For triggers that keep the owner of a row. The UPDATE policies let every readable row be locked and check the new row only, so
-- without these triggers a caller could make another's row their own.
create or replace function refuse_other_owner() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'insufficient_privilege', message = format('whose a row of %s is stays as it is', tg_table_name);
end
$$;
