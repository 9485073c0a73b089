-- Every window keeps what was agreed: the local times that were shown until now. Nobody sees a row as its owner: see 0013.
alter table visits no force row level security;--> statement-breakpoint
update visits set windows = (
  select jsonb_agg(
    offered || jsonb_build_object('agreedStartsAt', offered -> 'startsAtLocal', 'agreedEndsAt', offered -> 'endsAtLocal')
    order by place)
  from jsonb_array_elements(windows) with ordinality as each (offered, place));--> statement-breakpoint
alter table visits force row level security;
