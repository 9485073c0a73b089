CREATE TABLE "unsealed_entries" (
	"position" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transition_reasons" (
	"entry_id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp(3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"salt" uuid NOT NULL,
	"written_by_id" uuid,
	"about_id" uuid
);
--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "transaction_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "subject_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "subject_version" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "actor_kind" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "request_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ALTER COLUMN "details" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "rest_hash" text;--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "salt" uuid DEFAULT gen_random_uuid();--> statement-breakpoint
ALTER TABLE "ledger" ADD COLUMN "reason_digest" text;--> statement-breakpoint
CREATE INDEX "transition_reasons_oldest" ON "transition_reasons" USING btree ("at");--> statement-breakpoint
CREATE INDEX "transition_reasons_by_writer" ON "transition_reasons" USING btree ("written_by_id") WHERE "transition_reasons"."written_by_id" is not null;--> statement-breakpoint
CREATE INDEX "transition_reasons_by_person" ON "transition_reasons" USING btree ("about_id") WHERE "transition_reasons"."about_id" is not null;--> statement-breakpoint
CREATE INDEX "disclosures_with_reason" ON "disclosures" USING btree ("expires_at") WHERE reason <> '';--> statement-breakpoint
CREATE INDEX "identity_reads_oldest" ON "identity_reads" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "ledger_personal" ON "ledger" USING btree ("at") WHERE "ledger"."rest_hash" is null and "ledger"."object" in ('booking', 'delegate', 'disclosure', 'enrolment_link', 'identity', 'identity_budget', 'identity_read', 'itinerary', 'mandate', 'participant', 'recovery', 'second_factor', 'token');--> statement-breakpoint

-- Reasons leave the ledger, and what was sealed over them is sealed anew: nobody was given a checkpoint of it yet.
alter table ledger no force row level security, disable trigger user;--> statement-breakpoint
alter table ledger_leaves no force row level security, disable trigger user;--> statement-breakpoint
alter table mandates no force row level security;--> statement-breakpoint
alter table visit_participants no force row level security;--> statement-breakpoint
insert into transition_reasons (entry_id, at, reason, salt, written_by_id, about_id)
  select ledger.id, ledger.at, ledger.reason, gen_random_uuid(), case when actor_kind = 'delegate' then actor_id end,
    coalesce(mandates.delegate_id, visit_participants.delegate_id)
  from ledger
  left join mandates on ledger.object = 'mandate' and mandates.id = subject_id
  left join visit_participants on ledger.object = 'participant' and visit_participants.id = subject_id
  where ledger.reason is not null;--> statement-breakpoint
update ledger set reason_digest = encode(sha256(convert_to(transition_reasons.salt::text || transition_reasons.reason, 'UTF8')), 'hex')
  from transition_reasons where entry_id = ledger.id;--> statement-breakpoint
delete from ledger_leaves;--> statement-breakpoint
insert into unsealed_entries (position) select position from ledger;--> statement-breakpoint
alter table visit_participants force row level security;--> statement-breakpoint
alter table mandates force row level security;--> statement-breakpoint
alter table ledger_leaves force row level security, enable trigger user;--> statement-breakpoint
alter table ledger force row level security, enable trigger user;--> statement-breakpoint
ALTER TABLE "ledger" DROP COLUMN "reason";--> statement-breakpoint
ALTER TABLE "ledger" ADD CONSTRAINT "ledger_whole_or_redacted" CHECK (case when "ledger"."rest_hash" is null
        then num_nulls("ledger"."salt", "ledger"."transaction_id", "ledger"."subject_id", "ledger"."subject_version", "ledger"."actor_kind", "ledger"."request_id", "ledger"."details") = 0
        else num_nonnulls("ledger"."salt", "ledger"."transaction_id", "ledger"."subject_id", "ledger"."subject_version", "ledger"."organisation_id", "ledger"."actor_kind", "ledger"."actor_id", "ledger"."mandate_id", "ledger"."request_id", "ledger"."move", "ledger"."from_status", "ledger"."to_status", "ledger"."reason_digest", "ledger"."details") = 0 end);--> statement-breakpoint

-- What is a person's matter; src/platform/ledger-objects.ts says the same.
create function is_personal(object text) returns boolean language sql immutable parallel safe
  as $$ select object in (
    'booking', 'delegate', 'disclosure', 'enrolment_link', 'identity', 'identity_budget', 'identity_read', 'itinerary',
    'mandate', 'participant', 'recovery', 'second_factor', 'token') $$;--> statement-breakpoint
-- The one change of the ledger: after 24 months, what is a person's matter is replaced by its hash. The columns that go are
-- the trigger's arguments, and src/platform/roles.ts grants the service an update of those alone.
create function refuse_all_but_redaction() returns trigger language plpgsql as $$
begin
  if old.rest_hash is null and new.rest_hash is not null
    and is_personal(old.object) and old.at < now() - make_interval(hours => 730 * 24)
    and not jsonb_strip_nulls(to_jsonb(new)) ?| tg_argv
    and to_jsonb(new) - tg_argv - 'rest_hash' = to_jsonb(old) - tg_argv - 'rest_hash'
    and exists (select from ledger_leaves where entry_id = old.id)
  then
    return new;
  end if;
  raise exception using errcode = 'restrict_violation', message = format('%s is append-only', tg_table_name);
end
$$;--> statement-breakpoint
drop trigger ledger_append_only on ledger;--> statement-breakpoint
create trigger ledger_kept before delete on ledger for each row execute function refuse_change();--> statement-breakpoint
create trigger ledger_redacted before update on ledger for each row execute function refuse_all_but_redaction(
  'salt', 'transaction_id', 'subject_id', 'subject_version', 'organisation_id', 'actor_kind', 'actor_id', 'mandate_id',
  'request_id', 'move', 'from_status', 'to_status', 'reason_digest', 'details');--> statement-breakpoint

-- Every entry waits for its leaf from its own transaction on.
create function await_leaf() returns trigger language plpgsql as $$
begin
  insert into unsealed_entries (position) select position from new_entries;
  return null;
end
$$;--> statement-breakpoint
create trigger ledger_unsealed after insert on ledger referencing new table as new_entries
  for each statement execute function await_leaf();--> statement-breakpoint
alter table unsealed_entries enable row level security, force row level security;--> statement-breakpoint
create policy unsealed_entries_service on unsealed_entries to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy unsealed_entries_written on unsealed_entries for insert to solidarity_pact_caller with check (true);--> statement-breakpoint

-- A reason is forgotten, never changed. It is read where its entry is, and written by the person whose it is.
create trigger transition_reasons_same before update on transition_reasons
  for each row execute function refuse_change();--> statement-breakpoint
alter table transition_reasons enable row level security, force row level security;--> statement-breakpoint
create policy transition_reasons_service on transition_reasons to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy transition_reasons_read on transition_reasons for select to solidarity_pact_caller
  using (exists (select from ledger where ledger.id = entry_id));--> statement-breakpoint
create policy transition_reasons_written on transition_reasons for insert to solidarity_pact_caller
  with check (written_by_id is not distinct from (select caller_delegate()));--> statement-breakpoint

-- Who read whose identity is known for 24 months.
create function refuse_early_end() returns trigger language plpgsql as $$
begin
  if old.created_at < now() - make_interval(hours => 730 * 24) then
    return old;
  end if;
  raise exception using errcode = 'restrict_violation', message = format('%s is kept for 24 months', tg_table_name);
end
$$;--> statement-breakpoint
drop trigger identity_reads_append_only on identity_reads;--> statement-breakpoint
create trigger identity_reads_same before update on identity_reads
  for each row execute function refuse_change();--> statement-breakpoint
create trigger identity_reads_kept before delete on identity_reads
  for each row execute function refuse_early_end();
