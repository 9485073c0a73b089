-- What tables alone cannot say. Names of constraints are known to the problems of the feature.
alter table pacts add constraint pacts_proposal foreign key (proposal_id) references proposals (id);--> statement-breakpoint
-- No two pacts of one purpose between the same pair over overlapping terms, once all have accepted one text.
alter table pact_pairs add constraint pact_pairs_no_overlap
  exclude using gist (purpose with =, lower_id with =, higher_id with =, term with &&);--> statement-breakpoint
-- The text of a proposal is what people answer and sign: nothing of it changes, and it is never open again.
create function keep_proposal() returns trigger
  language plpgsql
as $$
declare
  changing constant text[] := array['status', 'version', 'updated_at'];
begin
  if old.status <> 'open' or to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
    raise exception using errcode = 'restrict_violation', message = 'a proposal is never edited';
  end if;
  return new;
end
$$;--> statement-breakpoint
create trigger proposals_keep_text before update on proposals
  for each row execute function keep_proposal();--> statement-breakpoint
create trigger proposals_keep before delete on proposals
  for each row execute function refuse_change();--> statement-breakpoint
create trigger proposals_no_truncate before truncate on proposals
  for each statement execute function refuse_change();--> statement-breakpoint
create trigger responses_append_only before update or delete on responses
  for each row execute function refuse_change();--> statement-breakpoint
create trigger responses_no_truncate before truncate on responses
  for each statement execute function refuse_change();--> statement-breakpoint
create trigger signatures_append_only before update or delete on signatures
  for each row execute function refuse_change();--> statement-breakpoint
create trigger signatures_no_truncate before truncate on signatures
  for each statement execute function refuse_change();
