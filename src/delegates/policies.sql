-- delegates: read by the person, by the organisation that created the entry, by colleagues and by both sides of a visit.
alter table delegates enable row level security, force row level security;
create policy delegates_service on delegates to solidarity_pact_service using (true) with check (true);
create policy delegates_read on delegates for select to solidarity_pact_caller
  using (
    id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[])
    or is_colleague(id) or is_fellow_traveller(id)
  );
create policy delegates_made on delegates for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_administered())::uuid[]));
create policy delegates_kept on delegates for update to solidarity_pact_caller
  using (id = (select caller_delegate()) or organisation_id = any ((select caller_organisations())::uuid[]) or is_colleague(id))
  with check (id = (select caller_delegate()) or organisation_id = any ((select caller_administered())::uuid[]));
create trigger delegates_same before update of organisation_id on delegates for each row
  when (current_user = 'solidarity_pact_caller' and old.organisation_id <> new.organisation_id) execute function refuse_other_owner();
create trigger delegates_erased_for_good before update on delegates
  for each row when (old.erased_at is not null or new.erased_at is not null) execute function keep_erased();
