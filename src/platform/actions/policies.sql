-- idempotency_keys: only the delegate who got the answer reads it again. It is encrypted with a key that only their client has.
alter table idempotency_keys enable row level security, force row level security;
create policy idempotency_keys_service on idempotency_keys to solidarity_pact_service using (true) with check (true);
create policy idempotency_keys_sealed on idempotency_keys to solidarity_pact_caller
  using (delegate_id is not distinct from (select caller_delegate()));
