CREATE TABLE "ledger_leaves" (
	"index" bigint PRIMARY KEY NOT NULL,
	"entry_id" uuid NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "ledger_leaves_entryId_unique" UNIQUE("entry_id")
);
--> statement-breakpoint
create trigger ledger_leaves_append_only before update or delete on ledger_leaves
  for each row execute function refuse_change();--> statement-breakpoint
create trigger ledger_leaves_no_truncate before truncate on ledger_leaves
  for each statement execute function refuse_change();--> statement-breakpoint
-- The tree is the service's own business; nobody's request reads it.
alter table ledger_leaves enable row level security, force row level security;--> statement-breakpoint
create policy ledger_leaves_service on ledger_leaves to solidarity_pact_service using (true) with check (true);
