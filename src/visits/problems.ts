import { refusal } from '../platform/problems.ts'

export const visitNotFound = refusal({
  status: 404,
  code: 'visit_not_found',
  title: 'There is no such visit',
  advice: 'Check the id. The visit may also be one that you may not see.',
})

export const participantNotFound = refusal({
  status: 404,
  code: 'participant_not_found',
  title: 'There is no such participant',
  advice: 'Check the id. The participant may also be one that you may not see.',
})

export const pactNotActive = refusal({
  status: 409,
  code: 'pact_not_active',
  title: 'The pact is not in force',
  advice:
    'A visit needs a pact that all its parties have signed and that has not ended. Sign the pact, or make a new one and ' +
    'propose the visit under it. A visit under a pact that has ended can still be cancelled.',
})

export const sideCannotAct = refusal({
  status: 409,
  code: 'side_cannot_act',
  title: 'One of the two sides may not act at present',
  advice:
    'A suspended or dissolved organisation cannot agree to anything. Wait until it is reinstated, or cancel the visit.',
})

export const visitNotReturnable = refusal({
  status: 409,
  code: 'visit_not_returnable',
  title: 'A visit that has not begun cannot be returned yet',
  advice:
    'Wait until the other visit has begun, then propose this one. Or propose it now without returnsVisitId.',
})

export const alreadyReturned = refusal({
  status: 409,
  code: 'already_returned',
  title: 'Another visit already returns that visit',
  advice: 'Propose this visit without returnsVisitId, or cancel the other return visit first.',
  constraints: ['visits_returned_once'],
})

export const visitBeginsLater = refusal({
  status: 409,
  code: 'visit_begins_later',
  title: 'The visit has not begun yet',
  advice: 'You can start it from its startsAt. To begin earlier, offer new windows with a rescheduling.',
})

export const windowSuperseded = refusal({
  status: 409,
  code: 'window_superseded',
  title: 'This is not the chosen window',
  advice: 'The dates of the visit have changed. Read the visit again and confirm its current window.',
})

export const windowPassed = refusal({
  status: 409,
  code: 'window_passed',
  title: 'This window has already begun',
  advice: 'Choose a window in the future, or offer new ones. A visit cannot be agreed on afterwards.',
})

export const alreadyConfirmed = refusal({
  status: 409,
  code: 'already_confirmed',
  title: 'Your side has already confirmed this visit',
  advice: 'You need to do nothing. The visit is confirmed when the other side confirms it too.',
})

export const participantsNotReady = refusal({
  status: 409,
  code: 'participants_not_ready',
  title: 'Not every participant is ready',
  advice:
    'A visit can be confirmed when it has a participant, and when all participants who have not withdrawn are ready and ' +
    'booked. Nominate, make ready or withdraw the participants of your side, and ask the other side to do the same.',
})

export const participantWithoutMandate = refusal({
  status: 409,
  code: 'participant_without_mandate',
  title: 'This participant has no current mandate',
  advice:
    'A participant needs a current mandate of the organisation that nominated them. Give them a new mandate, or withdraw ' +
    'them and nominate somebody else.',
})

export const alreadyNominated = refusal({
  status: 409,
  code: 'already_nominated',
  title: 'This delegate already takes part',
  advice: 'You need to do nothing. The delegate is in the list of participants of the visit.',
  constraints: ['visit_participants_once'],
})

export const visitStatusForbids = refusal({
  status: 409,
  code: 'visit_status_forbids',
  title: 'The status of the visit does not allow this of a participant',
  advice:
    'Read the status of the visit and allowedMoves of the participant. Participants are nominated and made ready before ' +
    'the visit begins, arrive when it begins, and are recorded as absent afterwards.',
})

export const delegateDoubleBooked = refusal({
  status: 409,
  code: 'delegate_double_booked',
  title: 'A delegate is already booked at that time',
  advice: 'Choose another delegate or another time, or withdraw the delegate from the other visit.',
  constraints: ['bookings_no_overlap'],
})

export const alreadyReported = refusal({
  status: 409,
  code: 'already_reported',
  title: 'Your side has already reported on this visit',
  advice: 'A report cannot be changed. Read the reports of the visit.',
  constraints: ['visit_reports_once'],
})

export const consentMissing = refusal({
  status: 403,
  code: 'consent_missing',
  title: 'This identity has not been disclosed to you',
  advice:
    'Both of you must take part in the visit, have a current mandate with your side, and consent with PUT …/consent of your own participation, after the other was nominated. Access ends 14 days after the visit, or when the visit is called off. Ask the other person to consent.',
})

export const ownIdentityMissing = refusal({
  status: 403,
  code: 'own_identity_missing',
  title: 'Your own identity is missing',
  advice:
    'You can read the identity of others only if you disclose your own. First write at least your legal name with PUT /v1/delegates/{your id}/identity.',
})

export const visitCalledOff = refusal({
  status: 409,
  code: 'visit_called_off',
  title: 'The visit was called off',
  advice: 'A visit that was called off has no itinerary. Propose another visit.',
})

export const notTakingPart = refusal({
  status: 409,
  code: 'not_taking_part',
  title: 'You do not take part in this visit',
  advice: 'Agree to come first. Then you can consent to disclose your identity.',
})

export const itineraryNotFound = refusal({
  status: 404,
  code: 'itinerary_not_found',
  title: 'There is no itinerary',
  advice:
    'The host writes it with PUT. The service deletes it 14 days after the visit, or when the visit is called off.',
})
