-- Nobody is turned away any more for how many wait: registering counts no rows and waits for no lock that all share. How many
-- register from one network in a day is counted by the process; whom a coordination invited comes first in the queue.
drop trigger organisations_waiting on organisations;--> statement-breakpoint
drop function limit_waiting();--> statement-breakpoint
drop function waiting_per_coordination();--> statement-breakpoint

-- Invitations are for those who administer the coordination and for its coordinators.
alter table invitations enable row level security, force row level security;--> statement-breakpoint
create policy invitations_service on invitations to solidarity_pact_service using (true) with check (true);--> statement-breakpoint
create policy invitations_read on invitations for select to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all'
  );--> statement-breakpoint
create policy invitations_created on invitations for insert to solidarity_pact_caller
  with check (organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all');--> statement-breakpoint
create policy invitations_revoked on invitations for update to solidarity_pact_caller
  using (
    organisation_id = any ((select caller_administered())::uuid[])
    or organisation_id = any ((select caller_organisations())::uuid[]) and (select caller_reach()) = 'all'
  );--> statement-breakpoint
create trigger invitations_same before update of organisation_id on invitations for each row
  when (current_user = 'solidarity_pact_caller' and old.organisation_id <> new.organisation_id) execute function refuse_other_owner();
