-- What few callers are kept from is asked without a sub-select. Each of those is a node of the plan that is set up and taken down
-- with every statement, whether it is asked or not: in a read of one pact they were forty, and took as long as the read. Two
-- settings are looked up for each row instead, and what they would keep back is asked only of whom they name.
create function is_sealed_away(known uuid[]) returns boolean language sql stable parallel safe
  as $$ select current_setting('pact.sealed_ids', true) is distinct from '{}' and (known && caller_sealed()) is not false $$;--> statement-breakpoint
create function is_opened_to_caller(pact uuid) returns boolean language sql stable parallel safe
  as $$ select coalesce(current_setting('pact.pact_id', true), '') = '' or pact = caller_pact() $$;--> statement-breakpoint
alter policy pacts_of_parties on pacts
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(id));--> statement-breakpoint
alter policy pact_parties_of_pacts on pact_parties
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
alter policy pact_pairs_of_pacts on pact_pairs
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
alter policy proposals_of_pacts on proposals
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
alter policy responses_of_pacts on responses
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
alter policy signatures_of_pacts on signatures
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
alter policy offer_links_of_pacts on offer_links
  using (known_to && (select caller_organisations()) and not is_sealed_away(known_to) and is_opened_to_caller(pact_id));--> statement-breakpoint
-- Most organisations are public: that comes first, and one's own are asked for where it does not hold.
alter policy organisations_read on organisations
  using (
    sealed_at is null and status in ('verified', 'dissolved', 'merged')
    or id = any ((select caller_organisations())::uuid[])
    or sealed_at is null
      and (caller_reach() = 'all' or status in ('unclaimed', 'provisional') and caller_reach() = 'network' or is_acquainted(id))
  );
