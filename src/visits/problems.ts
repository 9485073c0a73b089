import { refusal } from '../platform/problems.ts'

export const visitNotFound = refusal({
  status: 404,
  code: 'visit_not_found',
  title: 'There is no such visit',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const participantNotFound = refusal({
  status: 404,
  code: 'participant_not_found',
  title: 'There is no such participant',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const pactNotActive = refusal({
  status: 409,
  code: 'pact_not_active',
  title: 'The pact is not in force',
  advice:
    'Visits are agreed on under a pact that all its parties have signed and that has not ended. Sign it or make a new ' +
    'one, and propose the visit under it; a visit under a pact that has ended can still be cancelled.',
})

export const sideCannotAct = refusal({
  status: 409,
  code: 'side_cannot_act',
  title: 'One of the two sides may not act at present',
  advice:
    'Nothing is agreed with an organisation that is suspended or dissolved. Wait until it is reinstated, or cancel the visit.',
})

export const visitNotReturnable = refusal({
  status: 409,
  code: 'visit_not_returnable',
  title: 'A visit that has not begun cannot be returned yet',
  advice: 'Propose this visit when that one has begun, or propose it now without returnsVisitId.',
})

export const alreadyReturned = refusal({
  status: 409,
  code: 'already_returned',
  title: 'That visit is returned by another one already',
  advice: 'Propose this visit without returnsVisitId, or cancel the other one first.',
  constraints: ['visits_returned_once'],
})

export const visitBeginsLater = refusal({
  status: 409,
  code: 'visit_begins_later',
  title: 'The visit has not begun yet',
  advice: 'It can be started from its startsAt on. To begin earlier, offer new windows by rescheduling it.',
})

export const windowSuperseded = refusal({
  status: 409,
  code: 'window_superseded',
  title: 'That window is not the one that was chosen',
  advice: 'Read the visit again: its dates have changed. Confirm the window that stands now.',
})

export const windowPassed = refusal({
  status: 409,
  code: 'window_passed',
  title: 'The time of that window has come already',
  advice: 'Choose a window that lies ahead, or offer new ones; a visit is not agreed on afterwards.',
})

export const alreadyConfirmed = refusal({
  status: 409,
  code: 'already_confirmed',
  title: 'Your side has confirmed this visit already',
  advice: 'Nothing more is needed from you; the visit is confirmed when the other side confirms it too.',
})

export const participantsNotReady = refusal({
  status: 409,
  code: 'participants_not_ready',
  title: 'Not every participant is ready',
  advice:
    'A visit is confirmed when it has a participant, and all who have not withdrawn are ready and have their time held. ' +
    'Read its participants: nominate, make ready or withdraw those of your side, and ask the other side for its own.',
})

export const participantWithoutMandate = refusal({
  status: 409,
  code: 'participant_without_mandate',
  title: 'This participant has no mandate any more',
  advice:
    'Nobody travels for an organisation whose mandate they have lost. Give them a new mandate, or withdraw them and ' +
    'nominate someone else.',
})

export const alreadyNominated = refusal({
  status: 409,
  code: 'already_nominated',
  title: 'This delegate takes part already',
  advice: 'Nothing more is needed: find the delegate among the participants of the visit.',
  constraints: ['visit_participants_once'],
})

export const visitStatusForbids = refusal({
  status: 409,
  code: 'visit_status_forbids',
  title: 'The status of the visit does not allow this of a participant',
  advice:
    'Read the status of the visit, and allowedMoves of the participant: people are nominated and made ready before it ' +
    'begins, arrive when it does, and are put on record as absent afterwards.',
})

export const delegateDoubleBooked = refusal({
  status: 409,
  code: 'delegate_double_booked',
  title: 'A delegate is expected elsewhere at that time',
  advice:
    'Nobody can be in two places at once. Choose another delegate or another time, or withdraw them there.',
  constraints: ['bookings_no_overlap'],
})

export const alreadyReported = refusal({
  status: 409,
  code: 'already_reported',
  title: 'Your side has reported on this visit already',
  advice: 'Reports are not changed afterwards. Read both under the visit.',
  constraints: ['visit_reports_once'],
})

export const consentMissing = refusal({
  status: 403,
  code: 'consent_missing',
  title: 'Who this is, is not open to you',
  advice:
    'Both of you must take part, hold a live mandate with your side, and consent, each with PUT …/consent of their own participation, after the other was nominated. It closes 14 days after the visit, and when it is called off. Ask each other.',
})

export const ownIdentityMissing = refusal({
  status: 403,
  code: 'own_identity_missing',
  title: 'You have not written who you are',
  advice:
    'Whoever is shown others shows themselves: write at least your legal name with PUT /v1/delegates/{your id}/identity first.',
})

export const visitCalledOff = refusal({
  status: 409,
  code: 'visit_called_off',
  title: 'The visit was called off',
  advice: 'Nobody travels, so no itinerary is kept. Propose another visit.',
})

export const notTakingPart = refusal({
  status: 409,
  code: 'not_taking_part',
  title: 'You do not take part in this visit',
  advice: 'Agree to come first; then you may show who you are.',
})

export const itineraryNotFound = refusal({
  status: 404,
  code: 'itinerary_not_found',
  title: 'There is no itinerary',
  advice:
    'The host writes it with PUT. It is forgotten 14 days after the visit, and when the visit is called off.',
})
