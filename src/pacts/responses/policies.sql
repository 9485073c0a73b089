-- responses: as visible as their pact, and append-only.
alter table responses enable row level security, force row level security;
create policy responses_service on responses to solidarity_pact_service using (true) with check (true);
create policy responses_of_pacts on responses to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger responses_known before insert on responses for each row execute function know_of_pact();
create trigger responses_append_only before update or delete on responses
  for each row execute function refuse_change();
create trigger responses_no_truncate before truncate on responses
  for each statement execute function refuse_change();
