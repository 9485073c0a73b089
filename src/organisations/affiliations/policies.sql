-- affiliations: confirmed ones are public, the others are for the two organisations. The administrators of the member request one, those of
-- either organisation change it. A seal of one of the two hides it.
alter table affiliations enable row level security, force row level security;
create policy affiliations_service on affiliations to solidarity_pact_service using (true) with check (true);
-- Anonymous callers have no settings: an organisation that they may not see is not found by the sub-query.
create policy affiliations_public on affiliations for select to solidarity_pact_anonymous
  using (
    status = 'confirmed' and exists (select from organisations where id = member_id)
    and exists (select from organisations where id = parent_id)
  );
create policy affiliations_read on affiliations for select to solidarity_pact_caller
  using (
    (
      status = 'confirmed'
      or member_id = any ((select caller_organisations())::uuid[]) or parent_id = any ((select caller_organisations())::uuid[])
    )
    and not is_sealed_away(array[member_id, parent_id])
  );
create policy affiliations_asked on affiliations for insert to solidarity_pact_caller
  with check (status = 'requested' and member_id = any ((select caller_administered())::uuid[]));
create policy affiliations_changed on affiliations for update to solidarity_pact_caller
  using (true)
  with check (member_id = any ((select caller_administered())::uuid[]) or parent_id = any ((select caller_administered())::uuid[]));
create trigger affiliations_same before update of member_id, parent_id on affiliations for each row
  when (current_user = 'solidarity_pact_caller' and (old.member_id, old.parent_id) <> (new.member_id, new.parent_id)) execute function refuse_other_owner();
