-- A ledger entry for each registration, mandate, pact, signature and visit.
insert into ledger (id, at, type, object, subject_id, subject_version, organisation_id, actor_kind, request_id)
select pg_temp.ordered_id('entry ' || object, row_number() over (partition by object), at), at, object || '.' || happened, object,
  subject_id, 1, organisation_id, 'delegate', pg_temp.blind_id('request ' || object, row_number() over (partition by object))
from (
  select 'organisation' as object, 'registered' as happened, id as subject_id, id as organisation_id, created_at as at
  from organisations
  union all select 'mandate', 'activated', id, organisation_id, created_at from mandates
  union all select 'pact', 'drafted', id, proposer_id, created_at from pacts
  union all select 'signature', 'given', id, organisation_id, signed_at from signatures
  union all select 'visit', 'proposed', id, visitor_id, created_at from visits
) happened
order by at;
