-- Each organisation gets one delegate with a secretary's mandate and a token. The benchmark computes each secret from the
-- number of the organisation (secretOf in bench/database.ts).
with delegate as (
  insert into delegates (id, created_at, updated_at, display_name, pseudonym, languages, organisation_id)
  select pg_temp.blind_id('delegate', n), pg_temp.organisation_made_at(n), pg_temp.organisation_made_at(n),
    'Delegate ' || n, true, '{en}', pg_temp.organisation_id(n)
  from generate_series(1, pg_temp.organisation_count()) n
), mandate as (
  insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
  select pg_temp.ordered_id('mandate', n, pg_temp.organisation_made_at(n)), pg_temp.organisation_made_at(n),
    pg_temp.organisation_made_at(n), 'active', pg_temp.blind_id('delegate', n), pg_temp.organisation_id(n),
    'secretary', '{administer,negotiate,sign,visit}', pg_temp.organisation_made_at(n)::date
  from generate_series(1, pg_temp.organisation_count()) n
)
insert into tokens (hash, id, kind, delegate_id, label, scopes, created_at, expires_at,
  used_on)
select sha256(convert_to('spt_benchmark_only_' || lpad(n::text, 24, '0'), 'utf8')), pg_temp.blind_id('token', n), 'delegate',
  pg_temp.blind_id('delegate', n), 'benchmark',
  '{organisations:read,organisations:write,delegates:read,delegates:write,pacts:read,pacts:write,visits:read,visits:write}',
  pg_temp.organisation_made_at(n), '2100-01-01 00:00+00',
  -- Unused tokens expire; the benchmark may not run for months.
  '2100-01-01'
from generate_series(1, pg_temp.organisation_count()) n;
