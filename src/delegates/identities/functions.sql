-- Whether the identity is disclosed to the caller: by the consent of both participants of a visit, each given when the other was already
-- nominated, until 14 days after a visit that was not cancelled; or by the approval of two coordinators, until it expires. Whether the
-- mandates of both are active is checked by the code, because neither sees the other's.
create or replace function is_disclosed(sought uuid) returns boolean language plpgsql stable as $$
begin
  return exists (
      select from visit_participants theirs
      join visit_participants mine on mine.visit_id = theirs.visit_id and mine.side <> theirs.side
      join visits on visits.id = theirs.visit_id
      where theirs.delegate_id = sought and mine.delegate_id = caller_delegate()
        and theirs.agreed_at is not null and theirs.consented_at >= mine.created_at
        and mine.agreed_at is not null and mine.consented_at >= theirs.created_at
        and theirs.status not in ('withdrawn', 'refused', 'no_show')
        and mine.status not in ('withdrawn', 'refused', 'no_show')
        and visits.status not in ('declined', 'cancelled') and visits.span_ends_at + interval '14 days' > service_now())
    or exists (
      select from disclosures
      where delegate_id = sought and granted_at is not null and ended_at is null and expires_at > service_now()
        and caller_reach() = 'all' and caller_delegate() in (requested_by_id, granted_by_id));
end
$$;
