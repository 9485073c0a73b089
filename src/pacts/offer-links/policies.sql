-- offer_links: as visible as their pact.
alter table offer_links enable row level security, force row level security;
create policy offer_links_service on offer_links to solidarity_pact_service using (true) with check (true);
create policy offer_links_of_pacts on offer_links to solidarity_pact_caller
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));
create trigger offer_links_known before insert on offer_links for each row execute function know_of_pact();
