-- proposals: as visible as their pact. The text stays, and no proposal is deleted.
alter table proposals enable row level security, force row level security;
create policy proposals_service on proposals to solidarity_pact_service using (true) with check (true);
create policy proposals_of_pacts on proposals to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger proposals_known before insert on proposals for each row execute function know_of_pact();
create trigger proposals_keep_text before update on proposals
  for each row execute function keep_proposal();
create trigger proposals_keep before delete on proposals
  for each row execute function refuse_change();
create trigger proposals_no_truncate before truncate on proposals
  for each statement execute function refuse_change();
