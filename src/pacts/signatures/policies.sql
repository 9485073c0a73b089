-- signatures: as visible as their pact, and append-only.
alter table signatures enable row level security, force row level security;
create policy signatures_service on signatures to solidarity_pact_service using (true) with check (true);
create policy signatures_of_pacts on signatures to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger signatures_known before insert on signatures for each row execute function know_of_pact();
create trigger signatures_append_only before update or delete on signatures
  for each row execute function refuse_change();
create trigger signatures_no_truncate before truncate on signatures
  for each statement execute function refuse_change();
