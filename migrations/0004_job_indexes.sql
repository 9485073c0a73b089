CREATE INDEX "enrolment_links_expiring" ON "enrolment_links" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "enrolment_links_used" ON "enrolment_links" USING btree ("used_at") WHERE used_at is not null;--> statement-breakpoint
CREATE INDEX "enrolment_links_revoked" ON "enrolment_links" USING btree ("revoked_at") WHERE revoked_at is not null;--> statement-breakpoint
CREATE INDEX "tokens_revoked" ON "tokens" USING btree ("revoked_at") WHERE revoked_at is not null and kind <> 'operator';--> statement-breakpoint
CREATE INDEX "offer_links_used" ON "offer_links" USING btree ("used_at") WHERE used_at is not null;--> statement-breakpoint
CREATE INDEX "offer_links_revoked" ON "offer_links" USING btree ("revoked_at") WHERE revoked_at is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiring" ON "idempotency_keys" USING btree ("expires_at");