import { refusal } from '../platform/problems.ts'

export const organisationNotFound = refusal({
  status: 404,
  code: 'organisation_not_found',
  title: 'There is no such organisation',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const possibleDuplicates = refusal({
  status: 409,
  code: 'possible_duplicates',
  title: 'The name could be confused with the name of another organisation',
  advice:
    'Compare it with the organisations in possibleDuplicates. If it is a different organisation, send the same request again with "acknowledged": true.',
})

export const invitationGone = refusal({
  status: 410,
  code: 'invitation_gone',
  title: 'This invitation is not valid',
  advice:
    'The secret is unknown, used up, revoked or expired. Ask the coordinator who sent it for a new invitation, or register without one.',
})

export const invitationNotFound = refusal({
  status: 404,
  code: 'invitation_not_found',
  title: 'There is no such invitation',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const otherMovePending = refusal({
  status: 409,
  code: 'other_move_pending',
  title: 'Another decision is waiting for approval',
  advice: 'Approve the decision that waits, or let it expire, before you request a different one.',
})

export const cannotMergeInto = refusal({
  status: 409,
  code: 'cannot_merge_into',
  title: 'The organisations cannot be merged',
  advice:
    'Merge into a verified organisation. If that organisation was itself merged, use the id of its successor.',
})

export const receiverNeeded = refusal({
  status: 409,
  code: 'receiver_must_agree',
  title: 'The receiving organisation has not approved the merger',
  advice:
    'A secretary of the receiving organisation, who is not one of those who requested the merger, must send the same request: POST /v1/organisations/{id}/mergers with the same intoId. Then repeat your request.',
})

export const vouchedForName = refusal({
  status: 409,
  code: 'vouched_for_name',
  title: 'The organisation was verified under its name and country',
  advice:
    'Request the new name or country with POST /v1/organisations/{id}/renamings. It takes effect when a coordinator of another coordination sends the same request. Put other spellings into nameVariants; change all other fields with PATCH.',
})

export const nothingVouchedFor = refusal({
  status: 409,
  code: 'nothing_vouched_for',
  title: 'The organisation is not verified',
  advice:
    'A renaming is only for a verified organisation. The secretary of any other changes the name with PATCH /v1/organisations/{id}.',
})

export const renamingNotAsked = refusal({
  status: 409,
  code: 'renaming_not_asked',
  title: 'Its secretary has not requested this name',
  advice:
    'Read the organisation: `renaming` shows the requested name for 72 hours. Send the same name and country to approve it.',
})

export const contactChannelsNotFound = refusal({
  status: 404,
  code: 'contact_channels_not_found',
  title: 'The organisation has no contact channels',
  advice: 'Write them with PUT, so that your own people know how to reach the organisation.',
})

export const sealNotFound = refusal({
  status: 404,
  code: 'seal_not_found',
  title: 'There is no such seal',
  advice:
    'Check the id. To approve the lifting of a seal, wait until the organisation itself has requested it.',
})

export const sealSuccessor = refusal({
  status: 409,
  code: 'seal_the_successor',
  title: 'The organisation was merged into another one',
  advice:
    'Seal its successor instead, which `mergedInto` names. That seal hides both organisations, and lifting it shows both again.',
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
  title: 'The period overlaps with an existing affiliation',
  advice: 'End the existing affiliation first, or choose a period that does not overlap with it.',
  constraints: ['affiliations_no_overlap'],
})

export const affiliationCircle = refusal({
  status: 409,
  code: 'affiliation_circle',
  title: 'The affiliations would form a circle',
  advice:
    'The parent already belongs, directly or through others, to the organisation that would join it. End one of those affiliations first, or refuse this one.',
})

export const cannotAffiliate = refusal({
  status: 409,
  code: 'cannot_affiliate',
  title: 'The organisations cannot be affiliated now',
  advice:
    'Both must be unclaimed, provisional or verified. Wait until they are. If one was merged, use the id of its successor.',
})

export const worksiteNotFound = refusal({
  status: 404,
  code: 'worksite_not_found',
  title: 'There is no such worksite',
  advice: 'Check both ids in the address. After a merger, look under the successor.',
})
