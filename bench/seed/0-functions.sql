-- Functions for all steps. Each value is computed from the number of its row, so every seeded database is the same, and
-- a step can name the rows of an earlier step without a query. The functions are temporary.

-- The number of organisations divided by 100,000: `npm run bench:seed` takes 1, the growth benchmark from 1 to 10.
create or replace function pg_temp.scale() returns numeric
  language sql stable parallel safe
  return current_setting('bench.scale')::numeric;

-- There are as many pacts as organisations.
create or replace function pg_temp.organisation_count() returns bigint
  language sql stable parallel safe
  return 100000 * pg_temp.scale();

-- A pseudo-random but repeatable number from 0 to choices - 1.
create or replace function pg_temp.pick(what text, n bigint, choices int) returns int
  language sql immutable parallel safe
  return abs(hashint8extended(n, hashtext(what)) % choices)::int;

create or replace function pg_temp.one_of(choices text[], what text, n bigint) returns text
  language sql immutable parallel safe
  return choices[1 + pg_temp.pick(what, n, cardinality(choices))];

-- A UUID in the order of time, as the service makes it.
create or replace function pg_temp.ordered_id(what text, n bigint, made_at timestamptz) returns uuid
  language sql immutable parallel safe
  return (lpad(to_hex((extract(epoch from made_at) * 1000)::bigint), 12, '0')
    || '7' || substr(md5(what || n), 1, 3) || '8' || substr(md5(what || n), 4, 15))::uuid;

-- A UUID that reveals nothing about its row.
create or replace function pg_temp.blind_id(what text, n bigint) returns uuid
  language sql immutable parallel safe
  return (overlay(overlay(md5(what || n) placing '4' from 13) placing '8' from 17))::uuid;

-- Spreads the organisations over about two years, at every scale.
create or replace function pg_temp.organisation_made_at(n bigint) returns timestamptz
  language sql stable parallel safe
  return '2024-06-01 00:00+00'::timestamptz + n * interval '10 minutes' / pg_temp.scale();

create or replace function pg_temp.organisation_id(n bigint) returns uuid
  language sql stable parallel safe
  return pg_temp.ordered_id('organisation', n, pg_temp.organisation_made_at(n));

-- The busy organisations: one in a hundred. They are verified, and they propose all pacts.
create or replace function pg_temp.busy_count() returns bigint
  language sql stable parallel safe
  return 1000 * pg_temp.scale();

create or replace function pg_temp.busy_number(k bigint) returns bigint
  language sql stable parallel safe
  return 100 * (k % pg_temp.busy_count()) + 1;

create or replace function pg_temp.pact_made_at(n bigint) returns timestamptz
  language sql stable parallel safe
  return '2026-05-01 00:00+00'::timestamptz + n * interval '2 minutes' / pg_temp.scale();

create or replace function pg_temp.pact_id(n bigint) returns uuid
  language sql stable parallel safe
  return pg_temp.ordered_id('pact', n, pg_temp.pact_made_at(n));

-- An instant as the service writes it, with the local time in Berlin and its offset.
create or replace function pg_temp.rfc3339(at timestamptz) returns text
  language sql stable parallel safe
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

create or replace function pg_temp.berlin(at timestamptz) returns text
  language sql stable parallel safe
  return to_char(at at time zone 'Europe/Berlin', 'YYYY-MM-DD"T"HH24:MI')
    || case when extract(epoch from (at at time zone 'Europe/Berlin') - (at at time zone 'UTC')) = 7200
      then '+02:00' else '+01:00' end;
