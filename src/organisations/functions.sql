-- Whether an organisation that is not public shares a pact, an affiliation or a delegate with the caller. A function, because the plan of
-- every statement on organisations would contain its sub-queries otherwise.
create or replace function is_acquainted(sought uuid) returns boolean language plpgsql stable as $$
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
$$;
