ALTER TABLE "tokens" ADD COLUMN "created_by_delegate_id" uuid;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_created_by_delegate_id_delegates_id_fk" FOREIGN KEY ("created_by_delegate_id") REFERENCES "public"."delegates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Who minted the clients that are there already stands in the ledger.
update tokens set created_by_delegate_id = l.actor_id from ledger l
  where tokens.kind = 'client' and l.subject_id = tokens.id and l.type = 'token.minted' and l.actor_kind = 'delegate';
