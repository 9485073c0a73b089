-- Beside what they did themselves, callers read the history of what they may read, and all entries only of what they administer.
-- Of mandates, src/delegates/policy.ts says the same: what ended is for the person and for who administers.
create or replace function may_read(object text, sought uuid) returns boolean language plpgsql stable as $$
begin
  return case object
    when 'pact' then exists (select from pacts where id = sought)
    when 'visit' then exists (select from visits where id = sought)
    when 'participant' then exists (select from visit_participants where id = sought)
    when 'organisation' then exists (select from organisations where id = sought)
    when 'affiliation' then exists (select from affiliations where id = sought)
    when 'mandate' then exists (
      select from mandates
      where id = sought and (
        status in ('submitted', 'active') or delegate_id = caller_delegate()
        or organisation_id = any (caller_administered())))
    else false
  end;
end
$$;--> statement-breakpoint
alter policy ledger_read on ledger
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or actor_kind = 'delegate' and actor_id = (select caller_delegate())
    or may_read(object, subject_id)
  );--> statement-breakpoint
-- Why an organisation was moved may name who vouched for it, and where: for its own people and those who judge over all. Of an
-- affiliation, for its two sides.
create function may_read_reason(object text, sought uuid) returns boolean language plpgsql stable as $$
begin
  return case object
    when 'organisation' then sought = any (caller_organisations()) or caller_reach() = 'all'
    when 'affiliation' then exists (
      select from affiliations
      where id = sought and (member_id = any (caller_organisations()) or parent_id = any (caller_organisations())))
    else true
  end;
end
$$;--> statement-breakpoint
alter policy transition_reasons_read on transition_reasons
  using (exists (select from ledger where ledger.id = entry_id and may_read_reason(object, subject_id)));
