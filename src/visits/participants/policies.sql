-- visit_participants: for the two sides of the visit. A person always reads their own row and withdraws their consent, also when they have
-- lost their mandate or their organisation may not act.
alter table visit_participants enable row level security, force row level security;
create policy visit_participants_service on visit_participants to solidarity_pact_service using (true) with check (true);
create policy visit_participants_of_visits on visit_participants to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to));
create policy visit_participants_own on visit_participants for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));
create policy visit_participants_taken_back on visit_participants for update to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()))
  with check (delegate_id = (select caller_delegate()) and consented_at is null);
create trigger visit_participants_known before insert on visit_participants for each row execute function know_of_visit();
-- A policy cannot compare the new row with the old one: by visit_participants_taken_back nothing but the consent changes.
create trigger visit_participants_same before update on visit_participants for each row
  when (current_user = 'solidarity_pact_caller'
    and (old.known_to && caller_organisations() and not is_sealed_away(old.known_to)) is not true
    and to_jsonb(old) - '{version,updated_at,consented_at}'::text[] is distinct from to_jsonb(new) - '{version,updated_at,consented_at}'::text[])
  execute function refuse_more_than_taking_back();
create trigger visit_participants_not_of_erased before insert or update of delegate_id, status on visit_participants
  for each row when (new.status in ('nominated', 'agreed', 'visa_pending', 'ready')) execute function refuse_to_erased();
