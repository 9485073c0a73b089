-- The keys of the vault have a database of their own, so that a backup of the main database decrypts nothing and an erased person stays
-- erased.
create table wrapped_keys (
  subject_id uuid not null,
  -- A visit has its own key, so that deleting its itinerary destroys the key. The service has one for names that it must keep secret.
  subject_kind text not null check (subject_kind in ('person', 'organisation', 'visit', 'service')),
  version integer not null check (version > 0),
  -- The data key of the subject, encrypted with the root key that the fingerprint names.
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
-- The subjects whose key could not be rotated, and the value that could not be decrypted. The rotation goes on without them.
create table stuck (
  subject_id uuid primary key,
  subject_kind text not null,
  code text not null,
  table_name text not null,
  row_id uuid not null,
  noted_at timestamp(3) with time zone not null
);--> statement-breakpoint
-- Creating a key and erasing its subject wait for each other, so that the second sees what the first has written.
create function hold_subject(sought uuid) returns void
  language sql
as $$
  select pg_advisory_xact_lock(hashtextextended(sought::text, 7316023))
$$;--> statement-breakpoint
-- An erased subject never gets a key again.
create function refuse_key_of_erased() returns trigger
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
create trigger wrapped_keys_of_the_living before insert on wrapped_keys
  for each row execute function refuse_key_of_erased();--> statement-breakpoint
-- A tombstone deletes the keys, whichever of them came first.
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
