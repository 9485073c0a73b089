ALTER TABLE "pacts" ADD COLUMN "party_ids" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint

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

-- The parties of a pact on its own row: a policy that asked pact_parties would ask itself.
update pacts set party_ids = (
  select array_agg(organisation_id order by organisation_id) from pact_parties where pact_id = pacts.id);--> statement-breakpoint
create function keep_party_ids() returns trigger language plpgsql as $$
begin
  update pacts set party_ids = party_ids || added.ids
  from (select pact_id, array_agg(organisation_id) as ids from new_parties group by pact_id) as added
  where id = added.pact_id;
  return null;
end
$$;--> statement-breakpoint
create trigger pact_parties_added after insert on pact_parties referencing new table as new_parties
  for each statement execute function keep_party_ids();--> statement-breakpoint
create trigger pact_parties_kept before delete on pact_parties
  for each row execute function refuse_change();--> statement-breakpoint
create function refuse_other_party() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', message = 'a party stays who it is';
end
$$;--> statement-breakpoint
create trigger pact_parties_same before update of pact_id, organisation_id on pact_parties
  for each row execute function refuse_other_party();--> statement-breakpoint

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

-- Organisations. What nobody vouched for is shown to the network; what was suspended, to coordinators and the operator;
-- one's own, and those with whom one has a pact, an affiliation or a delegate in common, always.
create policy organisations_public on organisations for select to solidarity_pact_anonymous
  using (status in ('verified', 'dissolved', 'merged'));--> statement-breakpoint
create policy organisations_read on organisations for select to solidarity_pact_caller
  using (
    status in ('verified', 'dissolved', 'merged')
    or id = any ((select caller_organisations())::uuid[])
    or (select caller_reach()) = 'all'
    or (select caller_reach()) = 'network' and status in ('unclaimed', 'provisional')
    or exists (
      select from pacts where pacts.party_ids @> array[organisations.id] and pacts.party_ids && (select caller_organisations()))
    or exists (
      select from affiliations where organisations.id in (member_id, parent_id)
      and (member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[])))
    or exists (select from delegates where organisation_id = organisations.id)
  );--> statement-breakpoint
create policy organisations_announced on organisations for insert to solidarity_pact_caller
  with check (status = 'unclaimed' and created_by_organisation_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
-- Whoever may be read may be held still; changed, by their own people and by those who judge over all.
create policy organisations_changed on organisations for update to solidarity_pact_caller
  using (true)
  with check (id = any ((select caller_organisations())::uuid[]) or (select caller_reach()) = 'all');--> statement-breakpoint

-- What belongs to an organisation and is as visible as it is.
create policy worksites_public on worksites for select to solidarity_pact_anonymous
  using (exists (select from organisations where id = organisation_id));--> statement-breakpoint
create policy worksites_read on worksites for select to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or exists (select from organisations where id = organisation_id));--> statement-breakpoint
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

-- People: one's own, and those with whom one travels.
create policy mandates_of_own on mandates to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()))
  -- A delegate claims a mandate; the organisation gives it.
  with check (organisation_id = any ((select caller_organisations())::uuid[]) or delegate_id = (select caller_delegate()) and status <> 'active');--> statement-breakpoint
create policy delegates_read on delegates for select to solidarity_pact_caller
  using (
    id = (select caller_delegate())
    or organisation_id = any ((select caller_organisations())::uuid[])
    or exists (select from mandates where delegate_id = delegates.id and organisation_id = any ((select caller_organisations())::uuid[]))
    or exists (select from visit_participants where delegate_id = delegates.id)
  );--> statement-breakpoint
create policy delegates_kept on delegates to solidarity_pact_caller
  using (
    id = (select caller_delegate())
    or organisation_id = any ((select caller_organisations())::uuid[])
    or exists (select from mandates where delegate_id = delegates.id and organisation_id = any ((select caller_organisations())::uuid[]))
  );--> statement-breakpoint
create policy tokens_of_own on tokens to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate())
    or organisation_id = any ((select caller_organisations())::uuid[])
    or kind = 'operator' and (select caller_kind()) = 'operator'
    or exists (
      select from delegates where id = delegate_id
      and (delegates.organisation_id = any ((select caller_organisations())::uuid[])
        or exists (select from mandates where mandates.delegate_id = delegates.id and mandates.organisation_id = any ((select caller_organisations())::uuid[]))))
  );--> statement-breakpoint
create policy enrolment_links_of_own on enrolment_links to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate())
    or exists (
      select from delegates where id = delegate_id
      and (organisation_id = any ((select caller_organisations())::uuid[])
        or exists (select from mandates where mandates.delegate_id = delegates.id and mandates.organisation_id = any ((select caller_organisations())::uuid[]))))
  );--> statement-breakpoint

-- Pacts: their parties', and before the first proposal the proposer's. A link opens one of them.
create policy pacts_of_parties on pacts to solidarity_pact_caller
  using (
    (proposer_id = any ((select caller_organisations())::uuid[]) or proposed_at is not null and party_ids && (select caller_organisations()))
    and ((select caller_pact()) is null or id = (select caller_pact()))
  );--> statement-breakpoint
create policy pact_parties_of_pacts on pact_parties to solidarity_pact_caller
  using (organisation_id = any ((select caller_organisations())::uuid[]) or exists (select from pacts where id = pact_id));--> statement-breakpoint
create policy pact_pairs_of_pacts on pact_pairs to solidarity_pact_caller
  using (exists (select from pacts where id = pact_id));--> statement-breakpoint
create policy proposals_of_pacts on proposals to solidarity_pact_caller
  using (exists (select from pacts where id = pact_id));--> statement-breakpoint
create policy responses_of_pacts on responses to solidarity_pact_caller
  using (exists (select from pacts where id = pact_id));--> statement-breakpoint
create policy signatures_of_pacts on signatures to solidarity_pact_caller
  using (exists (select from pacts where id = pact_id));--> statement-breakpoint
create policy offer_links_of_pacts on offer_links to solidarity_pact_caller
  using (exists (select from pacts where id = pact_id));--> statement-breakpoint

-- Visits: of their two sides.
create policy visits_of_sides on visits to solidarity_pact_caller
  using (host_id = any ((select caller_organisations())::uuid[]) or visitor_id = any ((select caller_organisations())::uuid[]));--> statement-breakpoint
create policy visit_participants_of_visits on visit_participants to solidarity_pact_caller
  using (exists (select from visits where id = visit_id));--> statement-breakpoint
create policy visit_reports_of_visits on visit_reports to solidarity_pact_caller
  using (exists (select from visits where id = visit_id));--> statement-breakpoint
create policy bookings_of_visits on bookings to solidarity_pact_caller
  using (exists (select from visits where id = visit_id));--> statement-breakpoint

-- History: written by whoever does something; read where the thing itself may be read.
create policy ledger_written on ledger for insert to solidarity_pact_caller
  with check (true);--> statement-breakpoint
create policy ledger_read on ledger for select to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_organisations())::uuid[])
    or case object
      when 'pact' then exists (select from pacts where id = subject_id)
      when 'visit' then exists (select from visits where id = subject_id)
      when 'participant' then exists (select from visit_participants where id = subject_id)
      when 'affiliation' then exists (select from affiliations where id = subject_id)
      when 'organisation' then exists (select from organisations where id = subject_id)
    end
  );--> statement-breakpoint
-- Sealed with a key that only the client has, and found by the hash of it.
create policy idempotency_keys_sealed on idempotency_keys to solidarity_pact_caller
  using (true);
