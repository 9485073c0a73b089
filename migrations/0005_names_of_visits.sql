ALTER TABLE "visits" ADD COLUMN "host_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "visits" ADD COLUMN "visitor_name" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "visits" ADD COLUMN "pact_title" text DEFAULT '' NOT NULL;--> statement-breakpoint
-- What the triggers keep from now on: see name_visit().
alter table visits no force row level security;--> statement-breakpoint
alter table organisations no force row level security;--> statement-breakpoint
alter table pacts no force row level security;--> statement-breakpoint
update visits set host_name = host.name, visitor_name = visitor.name, pact_title = pacts.title
from organisations host, organisations visitor, pacts
where host.id = host_id and visitor.id = visitor_id and pacts.id = pact_id;--> statement-breakpoint
alter table pacts force row level security;--> statement-breakpoint
alter table organisations force row level security;--> statement-breakpoint
alter table visits force row level security;
