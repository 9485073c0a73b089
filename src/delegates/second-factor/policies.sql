-- second_factors: for the person.
alter table second_factors enable row level security, force row level security;
create policy second_factors_service on second_factors to solidarity_pact_service using (true) with check (true);
create policy second_factors_of_own on second_factors to solidarity_pact_caller
  using (delegate_id = (select caller_delegate()));
