-- The pact that the caller's link opens; null for everybody who calls without a link.
create or replace function caller_pact() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('pact.linked_id', true), '')::uuid $$;
-- Called without a sub-select: see is_sealed_away().
create or replace function is_opened_to_caller(pact uuid) returns boolean language sql stable parallel safe
  as $$ select coalesce(current_setting('pact.linked_id', true), '') = '' or pact = caller_pact() $$;

-- The column known_to says which organisations may know of a row. A policy that asked another table would ask the policies of that table
-- in turn, in every plan, and some policies would ask themselves. These triggers keep the column: before the first proposal a pact
-- is known to its proposer, from then on to its parties.
create or replace function know_pact() returns trigger language plpgsql as $$
begin
  new.known_to := case when new.proposed_at is null then array[new.proposer_id]
    else coalesce((select array_agg(organisation_id) from pact_parties where pact_id = new.id), array[new.proposer_id]) end;
  return new;
end
$$;
create or replace function tell_parties() returns trigger language plpgsql as $$
begin
  update pact_parties set known_to = new.known_to where pact_id = new.id;
  return null;
end
$$;
create or replace function know_party() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select known_to from pacts where id = new.pact_id), '{}');
  return new;
end
$$;
-- A party that joins after the first proposal may know of the pact from then on: this runs know_pact() again.
create or replace function welcome_parties() returns trigger language plpgsql as $$
begin
  update pacts set proposed_at = proposed_at
  where proposed_at is not null and id in (select pact_id from new_parties);
  return null;
end
$$;
-- For the tables whose rows are written after the first proposal only.
create or replace function know_of_pact() returns trigger language plpgsql as $$
begin
  new.known_to := coalesce((select array_agg(organisation_id) from pact_parties where pact_id = new.pact_id), '{}');
  return new;
end
$$;

create or replace function refuse_other_party() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'restrict_violation', message = 'a party stays who it is';
end
$$;
