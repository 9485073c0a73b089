-- Functions, because the plan of every statement on these tables would contain their sub-queries otherwise.

-- Whether the person holds, or held, a mandate where the caller holds one.
create or replace function is_colleague(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from mandates where delegate_id = sought and organisation_id = any (caller_organisations()));
end
$$;
create or replace function is_fellow_traveller(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from visit_participants where delegate_id = sought and known_to && caller_organisations());
end
$$;
-- Whether an organisation that the caller administers created the entry of the person.
create or replace function is_made_known(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (select from delegates where id = sought and organisation_id = any (caller_administered()));
end
$$;
-- The same, or the person holds, or held, a mandate there.
create or replace function is_in_care(sought uuid) returns boolean language plpgsql stable as $$
begin
  return is_made_known(sought)
    or exists (select from mandates where delegate_id = sought and organisation_id = any (caller_administered()));
end
$$;

-- Nothing new is written for an erased person. The lock is that of a foreign key, and waits for an erasure in progress.
create or replace function refuse_to_erased() returns trigger language plpgsql as $$
declare erased timestamptz;
begin
  select erased_at into erased from delegates where id = new.delegate_id for key share;
  if erased is not null then
    raise exception using errcode = 'check_violation', constraint = 'delegates_erased', message = 'this person was erased';
  end if;
  return new;
end
$$;
-- An erased person keeps nothing: no name, token, link, mandate or visit. erasure/queries.ts writes the same placeholder for the name.
create or replace function keep_erased() returns trigger language plpgsql as $$
begin
  if new.erased_at is null or new.display_name <> 'Erased person' or not new.pseudonym or new.languages <> '{}' then
    raise exception using errcode = 'check_violation', constraint = 'delegates_erased', message = 'this person was erased';
  end if;
  if exists (select from tokens where delegate_id = new.id)
    or exists (select from enrolment_links where delegate_id = new.id and used_at is null and revoked_at is null)
    or exists (select from mandates where delegate_id = new.id and status in ('submitted', 'active'))
    or exists (
      select from visit_participants
      where delegate_id = new.id and status in ('nominated', 'agreed', 'visa_pending', 'ready'))
  then
    raise exception 'something was left of a person who is being erased';
  end if;
  return new;
end
$$;
