-- Four visits under each pact in force, in both directions, from 300 days ago to 300 days ahead. Each busy organisation
-- has about two hundred. The visits of a delegate never overlap.
create temporary table planned on commit drop as
with under as (
  select id as pact_id, proposer_id, row_number() over (order by id) as pact_row
  from pacts where status = 'active'
), sides as (
  select 4 * (pact_row - 1) + turn as n, pact_id, turn % 2 = 0 as to_proposer, proposer_id,
    (select organisation_id from pact_parties
      where pact_id = under.pact_id and organisation_id <> proposer_id order by organisation_id limit 1) as partner_id
  from under cross join generate_series(1, 4) turn
), slots as (
  select n, pact_id,
    case when to_proposer then proposer_id else partner_id end as host_id,
    case when to_proposer then partner_id else proposer_id end as visitor_id,
    row_number() over visitors as slot, count(*) over (partition by case when to_proposer then partner_id else proposer_id end) as slots
  from sides
  window visitors as (partition by case when to_proposer then partner_id else proposer_id end order by pg_temp.pick('slot', n, 1000000), n)
)
select n, pg_temp.blind_id('visit', n) as id, pg_temp.blind_id('window', n) as window_id, pact_id, host_id, visitor_id,
  date_trunc('day', now()) - interval '300 days' + (600 * slot / slots)::int * interval '1 day'
    + (8 + pg_temp.pick('hour', n, 6)) * interval '1 hour' as starts_at,
  pg_temp.pick('hours', n, 40) + 8 as hours
from slots;

with described as (
  select planned.*, starts_at + hours * interval '1 hour' as ends_at,
    (case when starts_at + hours * interval '1 hour' < now() then
        (array['completed','reported','reported','cancelled','declined'])[1 + pg_temp.pick('status', n, 5)]
      when starts_at <= now() then 'in_progress'
      else (array['proposed','accepted','confirmed','confirmed','rescheduling'])[1 + pg_temp.pick('status', n, 5)]
    end)::visit_status as status
  from planned
), visit as (
  insert into visits (id, version, created_at, updated_at, status, pact_id, host_id, visitor_id, offered_by, purpose, mode,
    place, country, time_zone, windows, window_id, starts_at, ends_at, span_starts_at, span_ends_at, confirmed_by,
    reported_by, needs, zone_data_version)
  select id, 2, starts_at - interval '60 days', starts_at - interval '30 days', status, pact_id, host_id, visitor_id,
    'visitor', 'Two delegates speak with the shop stewards about the strike.', 'in_person', 'Stuttgart', 'DE',
    'Europe/Berlin',
    jsonb_build_array(jsonb_build_object('id', window_id, 'startsAt', pg_temp.rfc3339(starts_at),
      'endsAt', pg_temp.rfc3339(ends_at), 'startsAtLocal', pg_temp.berlin(starts_at), 'endsAtLocal', pg_temp.berlin(ends_at))),
    case when chosen then window_id end, case when chosen then starts_at end, case when chosen then ends_at end,
    starts_at, ends_at,
    case when status in ('confirmed', 'in_progress', 'completed', 'reported') then '{host,visitor}'::text[] else '{}' end,
    case when status = 'reported' then '{host,visitor}'::text[] else '{}' end,
    '{"interpreterLanguages": ["ru"], "visa": true, "lodging": true, "accessibility": null}',
    current_setting('bench.zone_data_version')
  from described, lateral (select status not in ('proposed', 'rescheduling', 'declined', 'cancelled') as chosen) choice
  order by starts_at
), participant as (
  insert into visit_participants (id, created_at, updated_at, status, visit_id, delegate_id, side, agreed_at)
  select pg_temp.blind_id('participant', n), starts_at - interval '50 days', starts_at - interval '40 days',
    (case when status in ('completed', 'reported') then 'returned' when status = 'in_progress' then 'arrived'
      when status = 'confirmed' then 'ready' else 'agreed' end)::participant_status,
    described.id, delegates.id, 'visitor', starts_at - interval '40 days'
  from described join delegates on delegates.organisation_id = visitor_id
)
insert into bookings (id, created_at, updated_at, status, delegate_id, during, visit_id, participant_id)
select pg_temp.blind_id('booking', n), starts_at - interval '40 days', starts_at - interval '40 days', 'confirmed',
  delegates.id, tstzrange(starts_at, ends_at), described.id, pg_temp.blind_id('participant', n)
from described join delegates on delegates.organisation_id = visitor_id
where status in ('confirmed', 'in_progress', 'completed', 'reported');
