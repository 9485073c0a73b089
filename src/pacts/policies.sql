-- pacts, pact_parties, pact_pairs: for the organisations in known_to, unless one of them is sealed for the caller. A link opens one pact.
alter table pacts enable row level security, force row level security;
create policy pacts_service on pacts to solidarity_pact_service using (true) with check (true);
create policy pacts_of_parties on pacts to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(id));
create trigger pacts_known before insert or update of proposed_at, proposer_id, known_to on pacts
  for each row execute function know_pact();
create trigger pacts_told after update of proposed_at, known_to on pacts
  for each row when (old.known_to is distinct from new.known_to) execute function tell_parties();
create policy pacts_of_owner on pacts to current_user using (runs_for_owner()) with check (false);
create trigger pacts_renamed after update of title on pacts
  for each row when (old.title <> new.title) execute function rename_pact_of_visits();

alter table pact_parties enable row level security, force row level security;
create policy pact_parties_service on pact_parties to solidarity_pact_service using (true) with check (true);
create policy pact_parties_of_pacts on pact_parties to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger pact_parties_known before insert on pact_parties
  for each row execute function know_party();
create trigger pact_parties_welcomed after insert on pact_parties referencing new table as new_parties
  for each statement execute function welcome_parties();
create trigger pact_parties_same before update of pact_id, organisation_id on pact_parties
  for each row execute function refuse_other_party();
create trigger pact_parties_kept before delete on pact_parties
  for each row execute function refuse_change();

alter table pact_pairs enable row level security, force row level security;
create policy pact_pairs_service on pact_pairs to solidarity_pact_service using (true) with check (true);
create policy pact_pairs_of_pacts on pact_pairs to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger pact_pairs_known before insert on pact_pairs for each row execute function know_of_pact();
