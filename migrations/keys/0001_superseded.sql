-- Which keys are to be deleted, and the oldest key, are found by an index, not by counting all keys each minute.
alter table wrapped_keys add column superseded boolean not null default false;--> statement-breakpoint
update wrapped_keys set superseded = true
where exists (select from wrapped_keys newer
  where newer.subject_id = wrapped_keys.subject_id and newer.version > wrapped_keys.version);--> statement-breakpoint
create index wrapped_keys_superseded on wrapped_keys (subject_id) where superseded;--> statement-breakpoint
create index wrapped_keys_oldest on wrapped_keys (created_at) where subject_kind <> 'service';--> statement-breakpoint
-- A newer key of the subject supersedes the older ones. The trigger before it has locked the subject.
create function mark_superseded_keys() returns trigger
  language plpgsql
as $$
begin
  update wrapped_keys set superseded = true
  where subject_id = new.subject_id and not superseded
    and exists (select from wrapped_keys newer
      where newer.subject_id = new.subject_id and newer.version > wrapped_keys.version);
  return null;
end
$$;--> statement-breakpoint
create trigger wrapped_keys_supersede after insert on wrapped_keys
  for each row execute function mark_superseded_keys();
