import { refusal } from '../platform/problems.ts'

export const organisationNotFound = refusal({
  status: 404,
  code: 'organisation_not_found',
  title: 'There is no such organisation',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const concurrenceGiven = refusal({
  status: 409,
  code: 'second_person_needed',
  title: 'Another person must agree',
  advice:
    'One person has asked for this already. It takes effect when a different person asks for the same, in the role ' +
    'that is still missing: a coordinator, or the secretary of the organisation.',
})

export const anotherCoordinationNeeded = refusal({
  status: 409,
  code: 'another_coordination_needed',
  title: 'A coordinator of another coordination must agree',
  advice:
    'A coordinator of your coordination has spoken already, and whoever administers it could make a second one. Ask one of ' +
    'another verified coordination: GET /v1/organisations?kind=coordination&status=verified lists them.',
})

export const tooManyWaiting = refusal({
  status: 409,
  code: 'too_many_waiting',
  title: 'Too many organisations are waiting for somebody to vouch for them',
  advice:
    'Ask a coordinator whom you know to make your organisation known and to send you a link: that way is always open. Else try again in some days.',
  constraints: ['organisations_waiting'],
})

export const otherMovePending = refusal({
  status: 409,
  code: 'other_move_pending',
  title: 'Another decision is waiting for agreement',
  advice: 'Agree to the one that waits, or let it run out, before you ask for a different one.',
})

export const cannotMergeInto = refusal({
  status: 409,
  code: 'cannot_merge_into',
  title: 'The organisations cannot be merged',
  advice: 'Merge into an organisation that is verified. For one that was merged, name its successor.',
})

export const contactChannelsNotFound = refusal({
  status: 404,
  code: 'contact_channels_not_found',
  title: 'No contact channels were written',
  advice: 'Write them with PUT, so that your own people know how the organisation is reached.',
})

export const sealNotFound = refusal({
  status: 404,
  code: 'seal_not_found',
  title: 'There is no seal',
  advice: 'Check the id. To agree to lifting a seal, wait until the organisation itself has asked for it.',
})

export const affiliationNotFound = refusal({
  status: 404,
  code: 'affiliation_not_found',
  title: 'There is no such affiliation',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const affiliationOverlaps = refusal({
  status: 409,
  code: 'affiliation_overlaps',
  title: 'There is already such an affiliation in that period',
  advice: 'End the present affiliation first, or choose a period that does not overlap with it.',
  constraints: ['affiliations_no_overlap'],
})

export const affiliationCircle = refusal({
  status: 409,
  code: 'affiliation_circle',
  title: 'The affiliations would form a circle',
  advice:
    'The organisation to be joined belongs, directly or through others, to the one that would join it. End one of those ' +
    'affiliations first, or refuse this one.',
})

export const cannotAffiliate = refusal({
  status: 409,
  code: 'cannot_affiliate',
  title: 'The organisations cannot be affiliated now',
  advice:
    'Both must be unclaimed, provisional or verified. Wait until that is so; in place of one that was merged, name its successor.',
})

export const worksiteNotFound = refusal({
  status: 404,
  code: 'worksite_not_found',
  title: 'There is no such worksite',
  advice: 'Check both ids in the address. After a merger, look under the successor.',
})
