-- Rows that jobs look at and that are not due yet: kept answers, links, invitations, identity reads, reasons and
-- itineraries. Each ledger entry gets its leaf, with the hash of its id: nothing verifies it here.
with taken as (delete from unsealed_entries returning position)
insert into ledger_leaves (index, entry_id, hash)
select row_number() over (order by position) - 1, id, sha256(convert_to(id::text, 'utf8'))
from ledger join taken using (position);

insert into idempotency_keys (hash, fingerprint, answer, delegate_id, expires_at)
select sha256(convert_to('key ' || n, 'utf8')), sha256(convert_to('request ' || n, 'utf8')),
  convert_to(repeat('answer ', 100), 'utf8'), pg_temp.blind_id('delegate', n), '2100-01-01'
from generate_series(1, pg_temp.organisation_count()) n;

insert into offer_links (id, hash, pact_id, organisation_id, created_at, expires_at)
select pg_temp.blind_id('offer link', row_number() over ()), sha256(convert_to('offer ' || pact_id || organisation_id, 'utf8')),
  pact_id, organisation_id, now(), '2100-01-01'
from pact_parties where standing = 'invited';

insert into invitations (id, hash, organisation_id, mandate_id, made_with_id, uses_max, created_at, expires_at)
select pg_temp.blind_id('invitation', n), sha256(convert_to('invitation ' || n, 'utf8')), pg_temp.organisation_id(n),
  pg_temp.ordered_id('mandate', n, pg_temp.organisation_made_at(n)), pg_temp.blind_id('token', n), 5, now(), '2100-01-01'
from generate_series(1, pg_temp.organisation_count()) n;

insert into enrolment_links (id, hash, delegate_id, scopes, created_at, expires_at)
select pg_temp.blind_id('enrolment link', n), sha256(convert_to('enrolment ' || n, 'utf8')), pg_temp.blind_id('delegate', n),
  '{delegates:read}', now(), '2100-01-01'
from generate_series(1, pg_temp.organisation_count()) n;

insert into identity_reads (id, created_at, delegate_id, reader_id, participant_id)
select pg_temp.blind_id('identity read', n), now(), pg_temp.blind_id('delegate', n),
  pg_temp.blind_id('delegate', n % pg_temp.organisation_count() + 1), pg_temp.blind_id('participant', n)
from generate_series(1, pg_temp.organisation_count()) n;

insert into disclosures (id, created_at, updated_at, delegate_id, reason, requested_by_id, requested_mandate_id,
  requested_for_id, expires_at)
select pg_temp.blind_id('disclosure', n), now(), now(), pg_temp.blind_id('delegate', n), 'A visa is needed.',
  pg_temp.blind_id('delegate', n + 1), pg_temp.ordered_id('mandate', n + 1, pg_temp.organisation_made_at(n + 1)),
  pg_temp.organisation_id(n + 1), now() + interval '3 days'
from generate_series(1, pg_temp.organisation_count() - 1) n;

insert into recoveries (id, created_at, updated_at, organisation_id, delegate_id, reason, requested_by_id,
  requested_mandate_id, requested_for_id, expires_at)
select pg_temp.blind_id('recovery', n), now(), now(), pg_temp.organisation_id(n), pg_temp.blind_id('delegate', n),
  'The telephone is lost.', pg_temp.blind_id('delegate', n + 1),
  pg_temp.ordered_id('mandate', n + 1, pg_temp.organisation_made_at(n + 1)), pg_temp.organisation_id(n + 1),
  now() + interval '3 days'
from generate_series(1, pg_temp.organisation_count() - 1) n;

insert into transition_reasons (entry_id, at, reason, salt)
select id, now(), 'Agreed by the meeting.', gen_random_uuid() from ledger where object = 'visit';

-- Of visits that are not over.
insert into itineraries (id, created_at, updated_at, visit_id, host_id, items, by_key_of_visit)
select pg_temp.blind_id('itinerary', row_number() over (order by id)), now(), now(), id, host_id,
  convert_to(repeat('item ', 100), 'utf8'), true
from visits where status in ('accepted', 'confirmed', 'in_progress');
