ALTER TABLE "disclosures" DROP CONSTRAINT "disclosures_granted";--> statement-breakpoint
ALTER TABLE "disclosures" ADD COLUMN "requested_in_id" uuid;--> statement-breakpoint
ALTER TABLE "disclosures" ADD COLUMN "granted_mandate_id" uuid;--> statement-breakpoint
ALTER TABLE "disclosures" ADD COLUMN "granted_in_id" uuid;--> statement-breakpoint
ALTER TABLE "disclosures" ADD COLUMN "ended_at" timestamp(3) with time zone;--> statement-breakpoint
ALTER TABLE "disclosures" ADD COLUMN "ended_by_id" uuid;--> statement-breakpoint
-- Whose coordinator asked is known by the mandate. What was granted before the second mandate was kept has no second
-- coordination to show, so it is over. The owner of the tables sees no row of them, but for a moment.
alter table disclosures no force row level security;--> statement-breakpoint
alter table mandates no force row level security;--> statement-breakpoint
update disclosures set requested_in_id = (select organisation_id from mandates where mandates.id = requested_mandate_id);--> statement-breakpoint
update disclosures set ended_at = now(), ended_by_id = granted_by_id where granted_at is not null;--> statement-breakpoint
alter table mandates force row level security;--> statement-breakpoint
alter table disclosures force row level security;--> statement-breakpoint
ALTER TABLE "disclosures" ALTER COLUMN "requested_in_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_requested_in_id_organisations_id_fk" FOREIGN KEY ("requested_in_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_mandate_id_mandates_id_fk" FOREIGN KEY ("granted_mandate_id") REFERENCES "public"."mandates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted_in_id_organisations_id_fk" FOREIGN KEY ("granted_in_id") REFERENCES "public"."organisations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_ended_by_id_delegates_id_fk" FOREIGN KEY ("ended_by_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_by_two_coordinations" CHECK ("disclosures"."granted_in_id" <> "disclosures"."requested_in_id");--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_ended" CHECK (("disclosures"."ended_by_id" is null) = ("disclosures"."ended_at" is null));--> statement-breakpoint
ALTER TABLE "disclosures" ADD CONSTRAINT "disclosures_granted" CHECK (("disclosures"."granted_by_id" is null) = ("disclosures"."granted_at" is null) and (
        "disclosures"."granted_by_id" is null or "disclosures"."ended_at" is not null
        or "disclosures"."granted_mandate_id" is not null and "disclosures"."granted_in_id" is not null));--> statement-breakpoint

-- It was when wrong codes were forgotten, and is now until when none is taken: fewer than five close nothing.
alter table second_factors no force row level security;--> statement-breakpoint
update second_factors set failures_until = null where failures < 5;--> statement-breakpoint
alter table second_factors force row level security;--> statement-breakpoint

-- Each gives their word by a mandate of their own, and for the coordination that gave it; any coordinator may end it.
alter policy disclosures_requested on disclosures
  with check (
    requested_by_id = (select caller_delegate()) and granted_by_id is null and ended_at is null and (select caller_reach()) = 'all'
    and exists (
      select from mandates
      where mandates.id = requested_mandate_id and mandates.delegate_id = caller_delegate() and mandates.organisation_id = requested_in_id)
  );--> statement-breakpoint
alter policy disclosures_granted on disclosures
  with check (
    granted_by_id = (select caller_delegate()) and exists (
      select from mandates
      where mandates.id = granted_mandate_id and mandates.delegate_id = caller_delegate() and mandates.organisation_id = granted_in_id)
    or ended_by_id = (select caller_delegate())
  );--> statement-breakpoint

-- Whoever lost their mandate, or whose organisation may not act, takes back what they showed, and nothing else: they see
-- their own part in the visit and not the visit.
create policy visit_participants_own on visit_participants for select to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));--> statement-breakpoint
create policy visit_participants_taken_back on visit_participants for update to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()))
  with check (delegate_id = (select caller_delegate()) and consented_at is null);--> statement-breakpoint
create or replace function takes_part(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from visit_participants
    where visit_id = sought and delegate_id = caller_delegate() and agreed_at is not null
      and known_to && caller_organisations() and status not in ('withdrawn', 'refused', 'no_show'));
end
$$;--> statement-breakpoint

-- The service's clock, which tests move; it tells it before it opens an identity. Unset, that of the database.
create function service_now() returns timestamptz language sql stable
  as $$ select coalesce(nullif(current_setting('pact.now', true), '')::timestamptz, now()) $$;--> statement-breakpoint
-- By the consent of both who travel, each given when the other was nominated already, until 14 days after a visit that was
-- not called off; or by the word of two coordinators, for a day. Whether the mandates of both live is asked by the code,
-- because nobody sees the other's.
create or replace function is_disclosed(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
      select from visit_participants theirs
      join visit_participants mine on mine.visit_id = theirs.visit_id and mine.side <> theirs.side
      join visits on visits.id = theirs.visit_id
      where theirs.delegate_id = sought and mine.delegate_id = caller_delegate()
        and theirs.agreed_at is not null and theirs.consented_at >= mine.created_at
        and mine.agreed_at is not null and mine.consented_at >= theirs.created_at
        and theirs.status not in ('withdrawn', 'refused', 'no_show')
        and mine.status not in ('withdrawn', 'refused', 'no_show')
        and visits.status not in ('declined', 'cancelled') and visits.span_ends_at + interval '14 days' > service_now())
    or exists (
      select from disclosures
      where delegate_id = sought and granted_at is not null and ended_at is null and expires_at > service_now()
        and caller_reach() = 'all' and caller_delegate() in (requested_by_id, granted_by_id));
end
$$;
