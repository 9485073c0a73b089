-- Who may know of a row, as the triggers enter it when the service writes one after the other: what came into the database in
-- one statement with its pact or its visit did not see them yet.
update pacts set known_to = known_to;
update pact_parties set known_to = pacts.known_to from pacts where pacts.id = pact_parties.pact_id;
alter table proposals disable trigger user;
update proposals set known_to = pacts.known_to from pacts where pacts.id = proposals.pact_id;
alter table proposals enable trigger user;
alter table responses disable trigger user;
update responses set known_to = pacts.known_to from pacts where pacts.id = responses.pact_id;
alter table responses enable trigger user;
alter table signatures disable trigger user;
update signatures set known_to = pacts.known_to from pacts where pacts.id = signatures.pact_id;
alter table signatures enable trigger user;
alter table pact_pairs disable trigger user;
update pact_pairs set known_to = pacts.known_to from pacts where pacts.id = pact_pairs.pact_id;
alter table pact_pairs enable trigger user;
alter table visit_participants disable trigger user;
update visit_participants set known_to = array[host_id, visitor_id] from visits where visits.id = visit_participants.visit_id;
alter table visit_participants enable trigger user;
alter table bookings disable trigger user;
update bookings set known_to = array[host_id, visitor_id] from visits where visits.id = bookings.visit_id;
alter table bookings enable trigger user;
