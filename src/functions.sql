-- Functions that name several features. They see what their caller sees, because none of them is SECURITY DEFINER.

-- Whether the caller may read an object of the ledger, and so its history. For mandates delegates/policy.ts says the same: only the
-- person and those who administer the organisation read a mandate that has ended.
create or replace function may_read(object text, sought uuid) returns boolean language plpgsql stable as $$
begin
  return case object
    when 'pact' then exists (select from pacts where id = sought)
    when 'visit' then exists (select from visits where id = sought)
    when 'participant' then exists (select from visit_participants where id = sought)
    when 'organisation' then exists (select from organisations where id = sought)
    when 'affiliation' then exists (select from affiliations where id = sought)
    when 'mandate' then exists (
      select from mandates
      where id = sought and (
        status in ('submitted', 'active') or delegate_id = caller_delegate()
        or organisation_id = any (caller_administered())))
    else false
  end;
end
$$;

-- Whether the caller may read why an object was moved. The reason of an organisation's transition may name who verified it, and where:
-- it is for its own people and for coordinators. The reason of an affiliation's transition is for its two organisations.
create or replace function may_read_reason(object text, sought uuid) returns boolean language plpgsql stable as $$
begin
  return case object
    when 'organisation' then sought = any (caller_organisations()) or caller_reach() = 'all'
    when 'affiliation' then exists (
      select from affiliations
      where id = sought and (member_id = any (caller_organisations()) or parent_id = any (caller_organisations())))
    else true
  end;
end
$$;

-- The kinds of objects that concern a person; the manifests of the features list the same.
create or replace function is_personal(object text) returns boolean language sql immutable parallel safe
  as $$ select object in (
    'booking', 'delegate', 'disclosure', 'enrolment_link', 'identity', 'identity_budget', 'identity_read', 'itinerary',
    'mandate', 'participant', 'recovery', 'second_factor', 'token') $$;
