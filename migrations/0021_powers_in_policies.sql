-- Which organisations the caller administers, and who they are in the ledger: a delegate, or else the token or link.
create function caller_administered() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('pact.administered_ids', true), '')::uuid[] $$;--> statement-breakpoint
create function caller_actor() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.actor_id', true), '')::uuid $$;--> statement-breakpoint

-- Who may be read may be held still, so the policies of changes let rows pass and ask what becomes of them. That would let
-- somebody make a row their own: so for a caller whose it is stays as it is.
create function refuse_other_owner() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'insufficient_privilege', message = format('whose a row of %s is stays as it is', tg_table_name);
end
$$;--> statement-breakpoint
create trigger worksites_same before update of organisation_id on worksites for each row
  when (current_user = 'solidarity_pact_caller' and old.organisation_id <> new.organisation_id) execute function refuse_other_owner();--> statement-breakpoint
create trigger affiliations_same before update of member_id, parent_id on affiliations for each row
  when (current_user = 'solidarity_pact_caller' and (old.member_id, old.parent_id) <> (new.member_id, new.parent_id)) execute function refuse_other_owner();--> statement-breakpoint
create trigger delegates_same before update of organisation_id on delegates for each row
  when (current_user = 'solidarity_pact_caller' and old.organisation_id <> new.organisation_id) execute function refuse_other_owner();--> statement-breakpoint
create trigger mandates_same before update of delegate_id, organisation_id on mandates for each row
  when (current_user = 'solidarity_pact_caller' and (old.delegate_id, old.organisation_id) <> (new.delegate_id, new.organisation_id)) execute function refuse_other_owner();--> statement-breakpoint
create trigger tokens_same before update of kind, delegate_id, organisation_id on tokens for each row
  when (current_user = 'solidarity_pact_caller'
    and (old.kind, old.delegate_id, old.organisation_id) is distinct from (new.kind, new.delegate_id, new.organisation_id)) execute function refuse_other_owner();--> statement-breakpoint
create trigger enrolment_links_same before update of delegate_id on enrolment_links for each row
  when (current_user = 'solidarity_pact_caller' and old.delegate_id <> new.delegate_id) execute function refuse_other_owner();--> statement-breakpoint

-- Whom an organisation made known that the caller administers; and who besides holds, or held, a mandate there.
create function is_made_known(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from delegates where id = sought and organisation_id = any (caller_administered()));
end
$$;--> statement-breakpoint
create or replace function is_in_care(sought uuid) returns boolean language plpgsql stable as $$
begin
  return is_made_known(sought)
    or exists (select from mandates where delegate_id = sought and organisation_id = any (caller_administered()));
end
$$;--> statement-breakpoint

-- Organisations, and what belongs to them: changed by who administers them, and by those who judge over all.
alter policy organisations_announced on organisations
  with check (
    status = 'unclaimed' and created_by_organisation_id = any ((select caller_organisations())::uuid[])
    and (select caller_reach()) = 'all'
  );--> statement-breakpoint
alter policy organisations_changed on organisations
  with check (id = any ((select caller_administered())::uuid[]) or (select caller_reach()) = 'all');--> statement-breakpoint
alter policy worksites_made on worksites
  with check (organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
alter policy worksites_changed on worksites
  with check (organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
alter policy worksites_removed on worksites
  using (organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
alter policy affiliations_asked on affiliations
  with check (status = 'requested' and member_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
alter policy affiliations_changed on affiliations
  with check (member_id = any ((select caller_administered())::uuid[]) or parent_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
alter policy contact_channels_of_own on contact_channels
  using (organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint

-- A seal takes all powers, so who asks to lift it shows the mandate; the second word goes past the caller.
drop policy seals_of_own on seals;--> statement-breakpoint
create policy seals_read on seals for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy seals_set on seals for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_administered())::uuid[]) and sealed_by_id = (select caller_delegate()));--> statement-breakpoint
create function is_administering(sought uuid, organisation uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from mandates
    where id = sought and organisation_id = organisation and delegate_id = caller_delegate()
      and status = 'active' and 'administer' = any (powers));
end
$$;--> statement-breakpoint
create policy seals_lifting_asked on seals for update to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]))
  with check (
    lifted_at is null and lift_asked_by_id = (select caller_delegate())
    and is_administering(lift_asked_mandate_id, organisation_id)
  );--> statement-breakpoint

-- People. A delegate claims a mandate and lays it down; everything else about it is for who administers the organisation.
drop policy mandates_of_own on mandates;--> statement-breakpoint
create policy mandates_read on mandates for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()));--> statement-breakpoint
create policy mandates_given on mandates for insert to solidarity_pact_caller
  with check (
    organisation_id = any ((select caller_administered())::uuid[])
    or delegate_id = (select caller_delegate()) and status = 'submitted'
  );--> statement-breakpoint
create policy mandates_moved on mandates for update to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()))
  with check (
    organisation_id = any ((select caller_administered())::uuid[])
    or delegate_id = (select caller_delegate()) and status = 'recalled'
  );--> statement-breakpoint
drop policy delegates_kept on delegates;--> statement-breakpoint
create policy delegates_made on delegates for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint
create policy delegates_kept on delegates for update to solidarity_pact_caller
  using (id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[]) or is_colleague(id))
  with check (id = (select caller_delegate()) or organisation_id = any ((select caller_administered())::uuid[]));--> statement-breakpoint

-- Secrets: one's own, the clients of what one administers, and those of the people there, which end with a seal. Nobody's
-- code opens what is private to another's token.
drop policy tokens_of_own on tokens;--> statement-breakpoint
create policy tokens_read on tokens for select to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or id = (select caller_actor())
    or organisation_id = any ((select caller_administered())::uuid[])
    or is_in_care(delegate_id)
  );--> statement-breakpoint
create policy tokens_minted on tokens for insert to solidarity_pact_caller
  with check (
    delegate_id = (select caller_delegate())
    or organisation_id = any ((select caller_administered())::uuid[]) and elevated_until is null
  );--> statement-breakpoint
create policy tokens_changed on tokens for update to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or id = (select caller_actor())
    or organisation_id = any ((select caller_administered())::uuid[])
    or is_in_care(delegate_id)
  )
  with check (elevated_until is null or delegate_id = (select caller_delegate()));--> statement-breakpoint
drop policy enrolment_links_of_own on enrolment_links;--> statement-breakpoint
create policy enrolment_links_read on enrolment_links for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or is_in_care(delegate_id));--> statement-breakpoint
create policy enrolment_links_made on enrolment_links for insert to solidarity_pact_caller
  with check (delegate_id = (select caller_delegate()) or is_made_known(delegate_id));--> statement-breakpoint
create policy enrolment_links_changed on enrolment_links for update to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or is_in_care(delegate_id))
  with check (delegate_id = (select caller_delegate()) or is_made_known(delegate_id) or revoked_at is not null);--> statement-breakpoint

-- Nobody does anything in another's name, and what was answered to somebody is there for nobody else.
alter policy ledger_written on ledger
  with check (actor_kind = (select caller_kind()) and actor_id is not distinct from (select caller_actor()));--> statement-breakpoint
alter policy idempotency_keys_sealed on idempotency_keys
  using (delegate_id is not distinct from (select caller_delegate()));
