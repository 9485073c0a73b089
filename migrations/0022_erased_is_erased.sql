CREATE TYPE "public"."token_origin" AS ENUM('registration', 'claim', 'enrolment', 'minted', 'identity_provider');--> statement-breakpoint
ALTER TABLE "idempotency_keys" ALTER COLUMN "answer" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD COLUMN "made_with_id" uuid;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "parent_id" uuid;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "origin" "token_origin" DEFAULT 'minted' NOT NULL;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "by_administrator" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "used_on" date DEFAULT current_date NOT NULL;--> statement-breakpoint
ALTER TABLE "enrolment_links" ADD CONSTRAINT "enrolment_links_made_with_id_tokens_id_fk" FOREIGN KEY ("made_with_id") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_parent_id_tokens_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."tokens"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "enrolment_links_made_with" ON "enrolment_links" USING btree ("made_with_id");--> statement-breakpoint
CREATE INDEX "tokens_by_parent" ON "tokens" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "tokens_idle" ON "tokens" USING btree ("used_on") WHERE revoked_at is null;--> statement-breakpoint

-- How those came about that are there already, as far as it can be told. The owner sees no row, but for these statements.
alter table tokens no force row level security;--> statement-breakpoint
alter table ledger no force row level security;--> statement-breakpoint
update tokens set origin = case when label = 'first token' then 'registration' else 'enrolment' end::token_origin
where kind = 'delegate' and created_by_delegate_id is null;--> statement-breakpoint
update tokens set by_administrator = true
from ledger used join ledger made on made.subject_id = used.subject_id and made.type = 'enrolment_link.created'
where used.type = 'enrolment_link.used' and used.details ->> 'tokenId' = tokens.id::text
  and made.actor_id is distinct from tokens.delegate_id;--> statement-breakpoint
alter table ledger force row level security;--> statement-breakpoint
alter table tokens force row level security;--> statement-breakpoint

-- Erased is erased. Nothing new is given to whoever has nothing left; the lock is that of a foreign key, and waits for an
-- erasure that is under way.
create function refuse_to_erased() returns trigger language plpgsql as $$
declare erased timestamptz;
begin
  select erased_at into erased from delegates where id = new.delegate_id for key share;
  if erased is not null then
    raise exception using errcode = 'check_violation', constraint = 'delegates_erased', message = 'this person was erased';
  end if;
  return new;
end
$$;--> statement-breakpoint
create trigger tokens_not_of_erased before insert or update of delegate_id on tokens
  for each row when (new.delegate_id is not null) execute function refuse_to_erased();--> statement-breakpoint
create trigger enrolment_links_not_of_erased before insert or update of delegate_id, used_at, revoked_at on enrolment_links
  for each row when (new.used_at is null and new.revoked_at is null) execute function refuse_to_erased();--> statement-breakpoint
create trigger mandates_not_of_erased before insert or update of delegate_id, status on mandates
  for each row when (new.status in ('submitted', 'active')) execute function refuse_to_erased();--> statement-breakpoint
create trigger visit_participants_not_of_erased before insert or update of delegate_id, status on visit_participants
  for each row when (new.status in ('nominated', 'agreed', 'visa_pending', 'ready')) execute function refuse_to_erased();--> statement-breakpoint
-- And whoever is erased keeps nothing, least of all a name; the word stands in src/delegates/erasing/queries.ts too.
create function keep_erased() returns trigger language plpgsql as $$
begin
  if new.erased_at is null or new.display_name <> 'Erased person' or not new.pseudonym or new.languages <> '{}' then
    raise exception using errcode = 'check_violation', constraint = 'delegates_erased', message = 'this person was erased';
  end if;
  if exists (select from tokens where delegate_id = new.id)
    or exists (select from enrolment_links where delegate_id = new.id and used_at is null and revoked_at is null)
    or exists (select from mandates where delegate_id = new.id and status in ('submitted', 'active'))
    or exists (
      select from visit_participants
      where delegate_id = new.id and status in ('nominated', 'agreed', 'visa_pending', 'ready'))
  then
    raise exception 'something was left of a person who is being erased';
  end if;
  return new;
end
$$;--> statement-breakpoint
create trigger delegates_erased_for_good before update on delegates
  for each row when (old.erased_at is not null or new.erased_at is not null) execute function keep_erased();
