-- tokens: for the person, for the token itself, and for those who administer the organisation of a client or of a person, because a seal
-- revokes them. Only a person's own token opens what is private, so nobody else elevates one.
alter table tokens enable row level security, force row level security;
create policy tokens_service on tokens to solidarity_pact_service using (true) with check (true);
create policy tokens_read on tokens for select to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or id = (select caller_actor())
    or organisation_id = any ((select caller_administered())::uuid[])
    or is_in_care(delegate_id)
  );
create policy tokens_minted on tokens for insert to solidarity_pact_caller
  with check (
    delegate_id = (select caller_delegate())
    or organisation_id = any ((select caller_administered())::uuid[]) and elevated_until is null
  );
create policy tokens_changed on tokens for update to solidarity_pact_caller
  using (
    delegate_id = (select caller_delegate()) or id = (select caller_actor())
    or organisation_id = any ((select caller_administered())::uuid[])
    or is_in_care(delegate_id)
  )
  with check (elevated_until is null or delegate_id = (select caller_delegate()));
create trigger tokens_same before update of kind, delegate_id, organisation_id on tokens for each row
  when (current_user = 'solidarity_pact_caller'
    and (old.kind, old.delegate_id, old.organisation_id) is distinct from (new.kind, new.delegate_id, new.organisation_id)) execute function refuse_other_owner();
create trigger tokens_not_of_erased before insert or update of delegate_id on tokens
  for each row when (new.delegate_id is not null) execute function refuse_to_erased();

-- enrolment_links: for the person, and for those who administer an organisation of theirs.
alter table enrolment_links enable row level security, force row level security;
create policy enrolment_links_service on enrolment_links to solidarity_pact_service using (true) with check (true);
create policy enrolment_links_read on enrolment_links for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or is_in_care(delegate_id));
create policy enrolment_links_made on enrolment_links for insert to solidarity_pact_caller
  with check (delegate_id = (select caller_delegate()) or is_made_known(delegate_id));
create policy enrolment_links_changed on enrolment_links for update to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()) or is_in_care(delegate_id))
  with check (delegate_id = (select caller_delegate()) or is_made_known(delegate_id) or revoked_at is not null);
create trigger enrolment_links_same before update of delegate_id on enrolment_links for each row
  when (current_user = 'solidarity_pact_caller' and old.delegate_id <> new.delegate_id) execute function refuse_other_owner();
create trigger enrolment_links_not_of_erased before insert or update of delegate_id, used_at, revoked_at on enrolment_links
  for each row when (new.used_at is null and new.revoked_at is null) execute function refuse_to_erased();
