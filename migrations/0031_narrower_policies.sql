-- Whoever sees only their own part in a visit, by visit_participants_taken_back, takes back what they showed and changes
-- nothing else of the row. A policy cannot compare it with what it was.
create function refuse_more_than_taking_back() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'insufficient_privilege', message = 'of one''s own part in a visit, only the consent is taken back';
end
$$;--> statement-breakpoint
create trigger visit_participants_same before update on visit_participants for each row
  when (current_user = 'solidarity_pact_caller'
    and (old.known_to && caller_organisations() and not old.known_to && caller_sealed()) is not true
    and to_jsonb(old) - '{version,updated_at,consented_at}'::text[] is distinct from to_jsonb(new) - '{version,updated_at,consented_at}'::text[])
  execute function refuse_more_than_taking_back();--> statement-breakpoint

-- Those who may agree see a seal while its first word waits for the second: not once that has lapsed, nor once it is lifted.
alter policy seals_to_lift on seals
  using (lifted_at is null and lift_asked_until > (select service_now()) and (select caller_reach()) = 'all');
