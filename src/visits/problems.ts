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
  advice: 'Visits are made under a pact that all its parties have signed and that has not ended.',
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
  advice: 'A visit is confirmed when it has a participant, and all who have not withdrawn are ready.',
})

export const alreadyNominated = refusal({
  status: 409,
  code: 'already_nominated',
  title: 'This delegate takes part already',
  advice: 'Read the participants of the visit: the delegate is one of them.',
  constraints: ['visit_participants_once'],
})

export const visitStatusForbids = refusal({
  status: 409,
  code: 'visit_status_forbids',
  title: 'The status of the visit does not allow this of a participant',
  advice:
    'Read the status of the visit. Participants are prepared before it begins, and arrive when it does.',
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
