-- A visit has a key of its own, so that forgetting its itinerary shreds it; the service has one, for names that it must not tell.
alter table wrapped_keys drop constraint wrapped_keys_subject_kind_check;--> statement-breakpoint
alter table wrapped_keys add constraint wrapped_keys_subject_kind_check
  check (subject_kind in ('person', 'organisation', 'visit', 'service'));--> statement-breakpoint
-- Whose key could not be changed, and which value did not open: the others are not held up by it.
create table stuck (
  subject_id uuid primary key,
  subject_kind text not null,
  code text not null,
  table_name text not null,
  row_id uuid not null,
  noted_at timestamp(3) with time zone not null
);--> statement-breakpoint
-- Whoever makes a key and whoever erases the subject come one after the other, and each then sees what the other did.
create function hold_subject(sought uuid) returns void
  language sql
as $$
  select pg_advisory_xact_lock(hashtextextended(sought::text, 7316023))
$$;--> statement-breakpoint
create or replace function refuse_key_of_erased() returns trigger
  language plpgsql
as $$
begin
  perform hold_subject(new.subject_id);
  if exists (select from tombstones where subject_id = new.subject_id) then
    raise exception using errcode = 'restrict_violation', message = 'this subject was erased';
  end if;
  return new;
end
$$;--> statement-breakpoint
-- No tombstone beside a key, in whatever order they come.
create function shred_keys() returns trigger
  language plpgsql
as $$
begin
  perform hold_subject(new.subject_id);
  delete from wrapped_keys where subject_id = new.subject_id;
  delete from stuck where subject_id = new.subject_id;
  return new;
end
$$;--> statement-breakpoint
create trigger tombstones_shred before insert on tombstones
  for each row execute function shred_keys();
