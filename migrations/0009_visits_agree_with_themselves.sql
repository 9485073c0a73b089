-- What the rules below forbid and the service used to allow. A return of a visit under another pact, in the same
-- direction, of one that has not begun, or beside an earlier return, is a visit of its own from now on.
update visits set returns_visit_id = null
from visits returned
where returned.id = visits.returns_visit_id and (
  (returned.pact_id, returned.host_id, returned.visitor_id) <> (visits.pact_id, visits.visitor_id, visits.host_id)
  or returned.status not in ('in_progress', 'completed', 'reported')
  or exists (select 1 from visits earlier
    where earlier.returns_visit_id = visits.returns_visit_id and earlier.status not in ('declined', 'cancelled')
      and (earlier.created_at, earlier.id) < (visits.created_at, visits.id)));--> statement-breakpoint
-- Nobody is ready for a visit that was called off, nor for one in which their time is not held.
with found as (
  select participant.id, participant.status as from_status,
    case when visit.status = 'accepted' then 'agreed' else 'withdrawn' end::participant_status as to_status,
    case participant.side when 'host' then visit.host_id else visit.visitor_id end as organisation_id
  from visit_participants participant join visits visit on visit.id = participant.visit_id
  where visit.status in ('declined', 'cancelled') and participant.status in ('nominated', 'agreed', 'visa_pending', 'ready')
    or visit.status = 'accepted' and participant.status = 'ready' and not exists (
      select 1 from bookings where participant_id = participant.id and status in ('held', 'confirmed'))
), moved as (
  update visit_participants set status = to_status, version = version + 1, updated_at = now()
  from found where found.id = visit_participants.id
  returning visit_participants.id, version, from_status, to_status, found.organisation_id
)
insert into ledger (id, at, type, object, subject_id, subject_version, organisation_id, actor_kind, request_id, move,
  from_status, to_status)
select gen_random_uuid(), now(), 'participant.moved', 'participant', id, version, organisation_id, 'system',
  gen_random_uuid(), case to_status when 'agreed' then 'lapse' else 'release' end, from_status, to_status
from moved;--> statement-breakpoint
ALTER TABLE "visits" DROP CONSTRAINT "visits_window_is_chosen";--> statement-breakpoint
ALTER TABLE "visits" DROP CONSTRAINT "visits_confirmed_by";--> statement-breakpoint
ALTER TABLE "visits" DROP CONSTRAINT "visits_reported_by";--> statement-breakpoint
ALTER TABLE "bookings" DROP CONSTRAINT "bookings_delegate_id_delegates_id_fk";--> statement-breakpoint
ALTER TABLE "bookings" DROP CONSTRAINT "bookings_visit_id_visits_id_fk";--> statement-breakpoint
ALTER TABLE "bookings" DROP CONSTRAINT "bookings_participant_id_visit_participants_id_fk";--> statement-breakpoint
ALTER TABLE "visits" DROP CONSTRAINT "visits_returns_visit_id_visits_id_fk";--> statement-breakpoint
DROP INDEX "visits_by_returned";--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_with_visit_and_delegate" UNIQUE("id","visit_id","delegate_id");--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_with_direction" UNIQUE("id","pact_id","host_id","visitor_id");--> statement-breakpoint
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_of_participant" FOREIGN KEY ("participant_id","visit_id","delegate_id") REFERENCES "public"."visit_participants"("id","visit_id","delegate_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_returns_the_other_direction" FOREIGN KEY ("returns_visit_id","pact_id","visitor_id","host_id") REFERENCES "public"."visits"("id","pact_id","host_id","visitor_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "visits_returned_once" ON "visits" USING btree ("returns_visit_id") WHERE returns_visit_id is not null and status not in ('declined', 'cancelled');--> statement-breakpoint
ALTER TABLE "visit_participants" ADD CONSTRAINT "visit_participants_agreed" CHECK ("visit_participants"."agreed_at" is not null or "visit_participants"."status" in ('nominated', 'withdrawn'));--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_third_country" CHECK ("visits"."mode" <> 'third_country' or "visits"."country" is not null);--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_windows" CHECK (jsonb_typeof("visits"."windows") = 'array' and jsonb_array_length("visits"."windows") between 1 and 5);--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_window_was_offered" CHECK ("visits"."window_id" is null or "visits"."windows" @> jsonb_build_array(jsonb_build_object('id', "visits"."window_id")));--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_span_is_the_window" CHECK ("visits"."span_starts_at" = "visits"."starts_at" and "visits"."span_ends_at" = "visits"."ends_at");--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_confirmed_by_both" CHECK (case when "visits"."status" = 'cancelled' then true when "visits"."status" = 'accepted' then cardinality("visits"."confirmed_by") < 2
        else cardinality("visits"."confirmed_by") = case when "visits"."status" in ('proposed', 'rescheduling', 'declined') then 0 else 2 end end);--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_reported_by_both" CHECK (cardinality("visits"."reported_by") = 0 and "visits"."status" <> 'reported'
        or cardinality("visits"."reported_by") = 1 and "visits"."status" = 'completed'
        or cardinality("visits"."reported_by") = 2 and "visits"."status" = 'reported');--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_window_is_chosen" CHECK ("visits"."status" = 'cancelled' or ("visits"."window_id" is null) = ("visits"."status" in ('proposed', 'rescheduling', 'declined')));--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_confirmed_by" CHECK ("visits"."confirmed_by" <@ array['host','visitor'] and (cardinality("visits"."confirmed_by") < 2 or (cardinality("visits"."confirmed_by") = 2 and "visits"."confirmed_by" @> array['host','visitor'])));--> statement-breakpoint
ALTER TABLE "visits" ADD CONSTRAINT "visits_reported_by" CHECK ("visits"."reported_by" <@ array['host','visitor'] and (cardinality("visits"."reported_by") < 2 or (cardinality("visits"."reported_by") = 2 and "visits"."reported_by" @> array['host','visitor'])));