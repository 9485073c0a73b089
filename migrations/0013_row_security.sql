ALTER TABLE "offer_links" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "proposals" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "responses" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "signatures" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "pact_pairs" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "pact_parties" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "pacts" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "bookings" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "visit_participants" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "visit_reports" ADD COLUMN "known_to" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint

-- On whose behalf a statement is, as src/platform/scoped-query.ts has told this transaction. In a policy they stand
-- within (select …), so that they are asked once for each statement and not for each row.
create function caller_kind() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('pact.caller', true), '') $$;--> statement-breakpoint
create function caller_reach() returns text language sql stable parallel safe
  as $$ select nullif(current_setting('pact.reach', true), '') $$;--> statement-breakpoint
create function caller_delegate() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.delegate_id', true), '')::uuid $$;--> statement-breakpoint
create function caller_organisations() returns uuid[] language sql stable parallel safe
  as $$ select nullif(current_setting('pact.organisation_ids', true), '')::uuid[] $$;--> statement-breakpoint
create function caller_pact() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.pact_id', true), '')::uuid $$;--> statement-breakpoint

-- Who may know of a row stands in the row. Policies that ask other tables would ask theirs in turn, in every plan, and some
-- would end up asking themselves.
update pacts set known_to = case when proposed_at is null then array[proposer_id]
  else (select array_agg(organisation_id order by organisation_id) from pact_parties where pact_id = pacts.id) end;--> statement-breakpoint
update pact_parties set known_to = pacts.known_to from pacts where pacts.id = pact_id;--> statement-breakpoint
alter table proposals disable trigger user;--> statement-breakpoint
update proposals set known_to = pacts.known_to from pacts where pacts.id = proposals.pact_id;--> statement-breakpoint
alter table proposals enable trigger user;--> statement-breakpoint
alter table responses disable trigger user;--> statement-breakpoint
update responses set known_to = pacts.known_to from pacts where pacts.id = responses.pact_id;--> statement-breakpoint
alter table responses enable trigger user;--> statement-breakpoint
alter table signatures disable trigger user;--> statement-breakpoint
update signatures set known_to = pacts.known_to from pacts where pacts.id = signatures.pact_id;--> statement-breakpoint
alter table signatures enable trigger user;--> statement-breakpoint
update offer_links set known_to = pacts.known_to from pacts where pacts.id = offer_links.pact_id;--> statement-breakpoint
update pact_pairs set known_to = pacts.known_to from pacts where pacts.id = pact_pairs.pact_id;--> statement-breakpoint
update visit_participants set known_to = array[host_id, visitor_id] from visits where visits.id = visit_participants.visit_id;--> statement-breakpoint
update bookings set known_to = array[host_id, visitor_id] from visits where visits.id = bookings.visit_id;--> statement-breakpoint
alter table visit_reports disable trigger user;--> statement-breakpoint
update visit_reports set known_to = array[host_id, visitor_id] from visits where visits.id = visit_reports.visit_id;--> statement-breakpoint
alter table visit_reports enable trigger user;--> statement-breakpoint

create function know_pact() returns trigger language plpgsql as $$
begin
  new.known_to := case when new.proposed_at is null then array[new.proposer_id]
    else coalesce((select array_agg(organisation_id) from pact_parties where pact_id = new.id), array[new.proposer_id]) end;
  return new;
end
$$;--> statement-breakpoint
create trigger pacts_known before insert or update of proposed_at, proposer_id, known_to on pacts
  for each row execute function know_pact();--> statement-breakpoint
create function tell_parties() returns trigger language plpgsql as $$
begin
  update pact_parties set known_to = new.known_to where pact_id = new.id;
  return null;
end
$$;--> statement-breakpoint
create trigger pacts_told after update of proposed_at, known_to on pacts
  for each row when (old.known_to is distinct from new.known_to) execute function tell_parties();--> statement-breakpoint
create function know_party() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select known_to from pacts where id = new.pact_id), '{}');
  return new;
end
$$;--> statement-breakpoint
create trigger pact_parties_known before insert on pact_parties
  for each row execute function know_party();--> statement-breakpoint
-- Whoever joins what was proposed learns of it.
create function welcome_parties() returns trigger language plpgsql as $$
begin
  update pacts set proposed_at = proposed_at
  where proposed_at is not null and id in (select pact_id from new_parties);
  return null;
end
$$;--> statement-breakpoint
create trigger pact_parties_welcomed after insert on pact_parties referencing new table as new_parties
  for each statement execute function welcome_parties();--> statement-breakpoint
-- Nobody writes them before the pact was proposed: from then on its parties know.
create function know_of_pact() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select array_agg(organisation_id) from pact_parties where pact_id = new.pact_id), '{}');
  return new;
end
$$;--> statement-breakpoint
create trigger proposals_known before insert on proposals for each row execute function know_of_pact();--> statement-breakpoint
create trigger responses_known before insert on responses for each row execute function know_of_pact();--> statement-breakpoint
create trigger signatures_known before insert on signatures for each row execute function know_of_pact();--> statement-breakpoint
create trigger offer_links_known before insert on offer_links for each row execute function know_of_pact();--> statement-breakpoint
create trigger pact_pairs_known before insert on pact_pairs for each row execute function know_of_pact();--> statement-breakpoint
create function know_of_visit() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select array[host_id, visitor_id] from visits where id = new.visit_id), '{}');
  return new;
end
$$;--> statement-breakpoint
create trigger visit_participants_known before insert on visit_participants for each row execute function know_of_visit();--> statement-breakpoint
create trigger bookings_known before insert on bookings for each row execute function know_of_visit();--> statement-breakpoint
create trigger visit_reports_known before insert on visit_reports for each row execute function know_of_visit();--> statement-breakpoint
create function refuse_other_party() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', message = 'a party stays who it is';
end
$$;--> statement-breakpoint
create trigger pact_parties_same before update of pact_id, organisation_id on pact_parties
  for each row execute function refuse_other_party();--> statement-breakpoint
create trigger pact_parties_kept before delete on pact_parties
  for each row execute function refuse_change();--> statement-breakpoint

-- No row is anybody's unless a policy says so, not even the owner's.
alter table organisations enable row level security, force row level security;--> statement-breakpoint
alter table worksites enable row level security, force row level security;--> statement-breakpoint
alter table affiliations enable row level security, force row level security;--> statement-breakpoint
alter table delegates enable row level security, force row level security;--> statement-breakpoint
alter table mandates enable row level security, force row level security;--> statement-breakpoint
alter table tokens enable row level security, force row level security;--> statement-breakpoint
alter table enrolment_links enable row level security, force row level security;--> statement-breakpoint
alter table pacts enable row level security, force row level security;--> statement-breakpoint
alter table pact_parties enable row level security, force row level security;--> statement-breakpoint
alter table pact_pairs enable row level security, force row level security;--> statement-breakpoint
alter table proposals enable row level security, force row level security;--> statement-breakpoint
alter table responses enable row level security, force row level security;--> statement-breakpoint
alter table signatures enable row level security, force row level security;--> statement-breakpoint
alter table offer_links enable row level security, force row level security;--> statement-breakpoint
alter table visits enable row level security, force row level security;--> statement-breakpoint
alter table visit_participants enable row level security, force row level security;--> statement-breakpoint
alter table visit_reports enable row level security, force row level security;--> statement-breakpoint
alter table bookings enable row level security, force row level security;--> statement-breakpoint
alter table ledger enable row level security, force row level security;--> statement-breakpoint
alter table idempotency_keys enable row level security, force row level security;--> statement-breakpoint

-- The service itself: jobs, who is calling, and what must be known past a caller.
create policy organisations_service on organisations to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy worksites_service on worksites to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy affiliations_service on affiliations to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy delegates_service on delegates to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy mandates_service on mandates to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy tokens_service on tokens to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy enrolment_links_service on enrolment_links to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy pacts_service on pacts to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy pact_parties_service on pact_parties to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy pact_pairs_service on pact_pairs to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy proposals_service on proposals to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy responses_service on responses to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy signatures_service on signatures to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy offer_links_service on offer_links to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy visits_service on visits to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy visit_participants_service on visit_participants to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy visit_reports_service on visit_reports to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy bookings_service on bookings to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy ledger_service on ledger to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy idempotency_keys_service on idempotency_keys to solidarity_pact_service using (true) with check (true);--> statement-breakpoint

-- What is looked up only when the row itself does not tell: functions, because a subquery would be made ready in every plan
-- that names the table, whether it is needed or not. They see what their caller sees.

-- Of those that are not public: who shares a pact, an affiliation or a delegate with the caller, and whose the caller was.
create function is_acquainted(sought uuid) returns boolean language plpgsql stable as $$
declare own uuid[] := caller_organisations();
begin
  return exists (select from pact_parties where organisation_id = sought and known_to && own)
    or exists (select from affiliations where member_id = sought and parent_id = any (own))
    or exists (select from affiliations where parent_id = sought and member_id = any (own))
    or exists (
      select from mandates join delegates on delegates.id = mandates.delegate_id
      where mandates.organisation_id = any (own) and delegates.organisation_id = sought)
    or exists (select from mandates where delegate_id = caller_delegate() and organisation_id = sought)
    or exists (select from delegates where id = caller_delegate() and organisation_id = sought);
end
$$;--> statement-breakpoint
-- Who holds, or held, a mandate where the caller holds one.
create function is_colleague(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from mandates where delegate_id = sought and organisation_id = any (caller_organisations()));
end
$$;--> statement-breakpoint
create function is_fellow_traveller(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from visit_participants where delegate_id = sought and known_to && caller_organisations());
end
$$;--> statement-breakpoint
-- Whose mandates, or whose own entry, is in the care of the caller's organisations.
create function is_in_care(sought uuid) returns boolean language plpgsql stable as $$
begin
  return is_colleague(sought)
    or exists (select from delegates where id = sought and organisation_id = any (caller_organisations()));
end
$$;--> statement-breakpoint
create function may_read(object text, sought uuid) returns boolean language plpgsql stable as $$
begin
  return case object
    when 'pact' then exists (select from pacts where id = sought)
    when 'visit' then exists (select from visits where id = sought)
    when 'participant' then exists (select from visit_participants where id = sought)
    when 'organisation' then exists (select from organisations where id = sought)
    when 'affiliation' then exists (select from affiliations where id = sought)
    else false
  end;
end
$$;--> statement-breakpoint

-- Organisations. What nobody vouched for is shown to the network; what was suspended, to coordinators and the operator;
-- one's own, and those one is acquainted with, always.
create policy organisations_public on organisations for select to solidarity_pact_anonymous
  using (status in ('verified', 'dissolved', 'merged'));--> statement-breakpoint
create policy organisations_read on organisations for select to solidarity_pact_caller
  using (
    status in ('verified', 'dissolved', 'merged')
    or id = any ((select caller_organisations())::uuid[])
    or (select caller_reach()) = 'all'
    or status in ('unclaimed', 'provisional') and (select caller_reach()) = 'network'
    or is_acquainted(id)
  );--> statement-breakpoint
create policy organisations_announced on organisations for insert to solidarity_pact_caller
  with check (status = 'unclaimed' and created_by_organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
-- Whoever may be read may be held still; changed, by their own people and by those who judge over all.
create policy organisations_changed on organisations for update to solidarity_pact_caller
  using (true) with check (id = any ((select caller_organisations())::uuid[]) or (select caller_reach()) = 'all');--> statement-breakpoint

-- What belongs to an organisation and is as visible as it is.
create policy worksites_public on worksites for select to solidarity_pact_anonymous
  using (exists (select from organisations where id = organisation_id));--> statement-breakpoint
create policy worksites_read on worksites for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or may_read('organisation', organisation_id));--> statement-breakpoint
create policy worksites_made on worksites for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy worksites_changed on worksites for update to solidarity_pact_caller
  using (true) with check (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy worksites_removed on worksites for delete to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy affiliations_public on affiliations for select to solidarity_pact_anonymous
  using (status = 'confirmed');--> statement-breakpoint
create policy affiliations_read on affiliations for select to solidarity_pact_caller
  using (status = 'confirmed' or member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy affiliations_asked on affiliations for insert to solidarity_pact_caller
  with check (member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy affiliations_changed on affiliations for update to solidarity_pact_caller
  using (true) with check (member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint

-- People: oneself, those of one's own organisations, and those with whom one travels.
create policy mandates_of_own on mandates to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()))
  -- A delegate claims a mandate; the organisation gives it.
  with check (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()) and status <> 'active');--> statement-breakpoint
create policy delegates_read on delegates for select to solidarity_pact_caller
  using (
    id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[])
    or is_colleague(id) or is_fellow_traveller(id)
  );--> statement-breakpoint
create policy delegates_kept on delegates to solidarity_pact_caller
  using (id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[]) or is_colleague(id));--> statement-breakpoint
create policy tokens_of_own on tokens to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[])
    or kind = 'operator' and (select caller_kind()) = 'operator'
    or is_in_care(delegate_id)
  );--> statement-breakpoint
create policy enrolment_links_of_own on enrolment_links to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or is_in_care(delegate_id));--> statement-breakpoint

-- Pacts: their parties', and before the first proposal the proposer's. A link opens one of them.
create policy pacts_of_parties on pacts to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or id = (select caller_pact())));--> statement-breakpoint
create policy pact_parties_of_pacts on pact_parties to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
create policy pact_pairs_of_pacts on pact_pairs to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
create policy proposals_of_pacts on proposals to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
create policy responses_of_pacts on responses to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
create policy signatures_of_pacts on signatures to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint
create policy offer_links_of_pacts on offer_links to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and ((select caller_pact()) is null or pact_id = (select caller_pact())));--> statement-breakpoint

-- Visits: of their two sides.
create policy visits_of_sides on visits to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]) or visitor_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy visit_participants_of_visits on visit_participants to solidarity_pact_caller
  using (known_to && (select caller_organisations()));--> statement-breakpoint
create policy visit_reports_of_visits on visit_reports to solidarity_pact_caller
  using (known_to && (select caller_organisations()));--> statement-breakpoint
create policy bookings_of_visits on bookings to solidarity_pact_caller
  using (known_to && (select caller_organisations()));--> statement-breakpoint

-- History: written by whoever does something; read where the thing itself may be read.
create policy ledger_written on ledger for insert to solidarity_pact_caller
  with check (true);--> statement-breakpoint
create policy ledger_read on ledger for select to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_organisations())::uuid[])
    or actor_kind = 'delegate' and actor_id = (select caller_delegate())
    or may_read(object, subject_id)
  );--> statement-breakpoint
-- Sealed with a key that only the client has, and found by the hash of it.
create policy idempotency_keys_sealed on idempotency_keys to solidarity_pact_caller
  using (true);
