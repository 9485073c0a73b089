-- The keys of the vault, in a database of their own: a backup of the main database opens nothing, and whoever was erased stays so.
create table wrapped_keys (
  subject_id uuid not null,
  subject_kind text not null check (subject_kind in ('person', 'organisation')),
  version integer not null check (version > 0),
  -- The subject's data key, encrypted with the root key that the fingerprint names.
  wrapped bytea not null,
  root_fingerprint text not null,
  created_at timestamp(3) with time zone not null,
  primary key (subject_id, version)
);--> statement-breakpoint
create index wrapped_keys_by_root on wrapped_keys (root_fingerprint);--> statement-breakpoint
create table tombstones (
  subject_id uuid primary key,
  subject_kind text not null check (subject_kind in ('person', 'organisation')),
  erased_at timestamp(3) with time zone not null
);--> statement-breakpoint
create table rotations (
  id integer primary key generated always as identity,
  started_at timestamp(3) with time zone not null,
  finished_at timestamp(3) with time zone,
  subjects_total integer not null,
  subjects_done integer not null default 0
);--> statement-breakpoint
create unique index rotations_one_at_a_time on rotations ((true)) where finished_at is null;--> statement-breakpoint
-- Whoever was erased never gets a key again.
create function refuse_key_of_erased() returns trigger
  language plpgsql
as $$
begin
  if exists (select from tombstones where subject_id = new.subject_id) then
    raise exception using errcode = 'restrict_violation', message = 'this subject was erased';
  end if;
  return new;
end
$$;--> statement-breakpoint
create trigger wrapped_keys_of_the_living before insert on wrapped_keys
  for each row execute function refuse_key_of_erased();
