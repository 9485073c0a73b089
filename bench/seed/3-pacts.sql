-- Each busy organisation proposes a hundred pacts, each to another partner; every tenth has a third party. Half of them
-- are in force, the others are in all other states. The proposals are as long as real ones. Their digests are of this
-- text, not of its canonical form, because nothing verifies them.
create temporary table planned on commit drop as
select n, pg_temp.pact_id(n) as id, pg_temp.pact_made_at(n) as made_at,
  pg_temp.busy_number(proposer) as proposer_number,
  100 * ((proposer + 1 + 7 * turn) % pg_temp.busy_count()) + 2 + turn % 90 as partner_number,
  case when mixed % 10 = 3 then 100 * ((proposer + 500 + turn) % pg_temp.busy_count()) + 92 end as third_number,
  (case when mixed % 20 < 10 then 'active' when mixed % 20 < 13 then 'negotiating' when mixed % 20 < 15 then 'signing'
    else (array['draft','withdrawn','declined','lapsed','expired'])[mixed % 20 - 14] end)::pact_status as status,
  (array['mutual_support','strike_support','exchange','defence_of_the_persecuted'])
    [1 + pg_temp.pick('purpose', n, 4)]::pact_purpose as purpose,
  pg_temp.ordered_id('proposal', n, pg_temp.pact_made_at(n) + interval '1 hour') as proposal_id
from (select n, (n - 1) % pg_temp.busy_count() as proposer, (n - 1) / pg_temp.busy_count() as turn,
    n + (n - 1) / pg_temp.busy_count() as mixed
  from generate_series(1, pg_temp.organisation_count()) n) numbered;

alter table planned add proposer_id uuid, add partner_id uuid, add third_id uuid, add content jsonb, add digest text;
update planned set proposer_id = pg_temp.organisation_id(proposer_number),
  partner_id = pg_temp.organisation_id(partner_number), third_id = pg_temp.organisation_id(third_number);
update planned set content = jsonb_build_object(
  'pactId', id, 'number', 1, 'purpose', purpose, 'authentic', 'en',
  'parties', (select jsonb_agg(party order by party) from unnest(array[proposer_id, partner_id, third_id]) party
    where party is not null),
  'texts', jsonb_build_object(
    'en', jsonb_build_object('title', 'Solidarity pact ' || n, 'body',
      repeat('We make your struggle known and visit each other. ', 10)),
    'de', jsonb_build_object('title', 'Solidaritätspakt ' || n, 'body',
      repeat('Wir machen euren Kampf bekannt und besuchen einander. ', 10))),
  'commitments', jsonb_build_array(jsonb_build_object('kind', 'protest_action', 'giver', 'all', 'beneficiary', 'all',
    'description', 'A protest when strike leaders are arrested.',
    'due', jsonb_build_object('kind', 'on_request', 'withinHours', 72))),
  'term', jsonb_build_object('startsOn', made_at::date + 7, 'endsOn', null), 'noticeDays', 30)
where status <> 'draft';
update planned set digest = encode(sha256(convert_to(content::text, 'utf8')), 'hex') where content is not null;

-- One statement, because a pact and its proposal refer to each other and foreign keys are checked at its end.
with pact as (
  insert into pacts (id, version, created_at, updated_at, status, title, purpose, proposer_id, proposed_at, proposal_id,
    starts_on, ends_on, notice_days, sign_by, activated_at)
  select id, 3, made_at, made_at + interval '2 days', status, 'Solidarity pact ' || n, purpose, proposer_id,
    case when content is not null then made_at + interval '1 hour' end,
    case when content is not null then proposal_id end,
    case when status in ('active', 'expired') then made_at::date + 7 end,
    case when status = 'expired' then made_at::date + 97 end,
    case when status in ('active', 'expired') then 30 end,
    case when status in ('signing', 'active', 'expired', 'lapsed') then '2099-01-01 00:00+00'::timestamptz end,
    case when status in ('active', 'expired') then made_at + interval '2 days' end
  from planned order by n
), proposal as (
  insert into proposals (id, version, created_at, updated_at, pact_id, number, status, author_id, answer_by, content,
    content_digest)
  select proposal_id, 1, made_at + interval '1 hour', made_at + interval '1 hour', id, 1,
    (case status when 'negotiating' then 'open' when 'withdrawn' then 'withdrawn' when 'declined' then 'declined'
      else 'accepted' end)::proposal_status,
    proposer_id, '2099-01-01 00:00+00', content, digest
  from planned where content is not null order by n
), party as (
  insert into pact_parties (pact_id, organisation_id, standing, added_at, declined_number, declined_at, declined_version)
  select planned.id, party.id,
    (case when party.place = 1 then 'party' when status = 'declined' and party.place = 2 then 'declined'
      when status in ('draft', 'negotiating', 'withdrawn', 'declined') then 'invited' else 'party' end)::party_standing,
    made_at, case when status = 'declined' and party.place = 2 then 1 end,
    case when status = 'declined' and party.place = 2 then made_at + interval '1 day' end,
    case when status = 'declined' and party.place = 2 then 3 end
  from planned
  cross join lateral unnest(array[proposer_id, partner_id, third_id]) with ordinality party (id, place)
  where party.id is not null order by n
), response as (
  insert into responses (id, created_at, pact_id, proposal_id, content_digest, organisation_id, decision)
  select pg_temp.ordered_id('response', 10 * n + party.place, made_at + interval '1 day'), made_at + interval '1 day',
    planned.id, proposal_id, digest, party.id,
    (case when status = 'declined' then 'decline' else 'accept' end)::response_decision
  from planned
  cross join lateral unnest(array[null, partner_id, third_id]) with ordinality party (id, place)
  where party.id is not null
    and (status in ('signing', 'active', 'expired', 'lapsed') or (status = 'declined' and place = 2)) order by n
), signature as (
  insert into signatures (id, signed_at, pact_id, proposal_id, content_digest, organisation_id, delegate_id, mandate_id,
    receipt)
  select pg_temp.ordered_id('signature', 10 * n + party.place, made_at + interval '2 days'), made_at + interval '2 days',
    planned.id, proposal_id, digest, pg_temp.organisation_id(party.number), pg_temp.blind_id('delegate', party.number),
    pg_temp.ordered_id('mandate', party.number, pg_temp.organisation_made_at(party.number)),
    jsonb_build_object('payload', jsonb_build_object('purpose', 'pact-signature', 'pactId', planned.id,
      'contentDigest', digest), 'signature', repeat('A', 86))
  from planned
  cross join lateral unnest(array[proposer_number, partner_number, third_number]) with ordinality party (number, place)
  where party.number is not null and status in ('active', 'expired') order by n
)
insert into pact_pairs (pact_id, lower_id, higher_id, purpose, term)
select planned.id, least(one.id, other.id), greatest(one.id, other.id), purpose, daterange(made_at::date + 7, null)
from planned
cross join lateral unnest(array[proposer_id, partner_id, third_id]) with ordinality one (id, place)
cross join lateral unnest(array[proposer_id, partner_id, third_id]) with ordinality other (id, place)
where one.place < other.place and other.id is not null and one.id is not null and status in ('signing', 'active');
