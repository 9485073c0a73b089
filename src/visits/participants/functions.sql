-- Whether the caller has agreed to take part in the visit, for an organisation of theirs.
create or replace function takes_part(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from visit_participants
    where visit_id = sought and delegate_id = caller_delegate() and agreed_at is not null
      and known_to && caller_organisations() and status not in ('withdrawn', 'refused', 'no_show'));
end
$$;

create or replace function refuse_more_than_taking_back() returns trigger language plpgsql as $$
begin
  raise exception using errcode = 'insufficient_privilege', message = 'of one''s own part in a visit, only the consent is taken back';
end
$$;
