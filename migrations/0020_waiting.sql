ALTER TABLE "organisations" ADD COLUMN "vouch_by" timestamp(3) with time zone;--> statement-breakpoint
CREATE INDEX "organisations_lapsing" ON "organisations" USING btree ("vouch_by") WHERE status = 'provisional';--> statement-breakpoint
-- Whoever waits already is given the same time as everybody else. Nobody sees a row as its owner: see 0013.
alter table organisations no force row level security;--> statement-breakpoint
update organisations set vouch_by = now() + interval '30 days' where status = 'provisional';--> statement-breakpoint
alter table organisations force row level security;--> statement-breakpoint
ALTER TABLE "organisations" ADD CONSTRAINT "organisations_vouched_in_time" CHECK ("organisations"."status" <> 'provisional' or "organisations"."vouch_by" is not null);--> statement-breakpoint

-- How many organisations that registered by themselves may wait, for each coordination that could vouch for them.
create function waiting_per_coordination() returns integer language sql immutable as $$ select 20 $$;--> statement-breakpoint
-- At the end of the transaction, so that registrations queue for the count and not for each other's work. Whom a coordinator
-- made known and sent a link to is not counted: somebody knows them.
create function limit_waiting() returns trigger language plpgsql as $$
declare
  waiting bigint;
  vouching bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('organisations waiting', 0));
  select count(*) into waiting from organisations where status = 'provisional' and created_by_organisation_id is null;
  select count(*) into vouching from organisations where status = 'verified' and kind = 'coordination';
  if waiting > waiting_per_coordination() * greatest(vouching, 1) then
    raise exception using errcode = 'check_violation', constraint = 'organisations_waiting',
      message = 'too many organisations are waiting';
  end if;
  return null;
end
$$;--> statement-breakpoint
create constraint trigger organisations_waiting after insert or update of status on organisations
  deferrable initially deferred for each row
  when (new.status = 'provisional' and new.created_by_organisation_id is null)
  execute function limit_waiting();
