-- People answer and sign the text of a proposal, so nothing but its status changes, and a closed proposal is never opened again.
create or replace function keep_proposal() returns trigger
  language plpgsql
as $$
declare
  changing constant text[] := array['status', 'version', 'updated_at'];
begin
  if old.status <> 'open' or to_jsonb(new) - changing is distinct from to_jsonb(old) - changing then
    raise exception using errcode = 'restrict_violation', message = 'a proposal is never edited';
  end if;
  return new;
end
$$;
