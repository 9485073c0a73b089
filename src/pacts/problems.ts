import { refusal } from '../platform/problems.ts'

export const pactNotFound = refusal({
  status: 404,
  code: 'pact_not_found',
  title: 'There is no such pact',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const proposalNotFound = refusal({
  status: 404,
  code: 'proposal_not_found',
  title: 'There is no such proposal',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const pactProposed = refusal({
  status: 409,
  code: 'pact_already_proposed',
  title: 'The others know the pact under its title',
  advice:
    'Leave it, or withdraw this pact and draft another: a title changes only while the pact is a draft. The texts of a proposal have titles of their own.',
})

export const proposalSuperseded = refusal({
  status: 409,
  code: 'proposal_superseded',
  title: 'This is not the proposal on the table',
  advice: 'Read the pact and its current proposal, and decide on that one.',
})

export const alreadyAnswered = refusal({
  status: 409,
  code: 'already_answered',
  title: 'Your organisation has decided on this proposal already',
  advice:
    'A decision on a proposal is final. To change it, make a counter-proposal, which everybody answers anew.',
  constraints: ['responses_one_decision'],
})

export const answerTooLate = refusal({
  status: 409,
  code: 'answer_too_late',
  title: 'The time to accept this proposal is over',
  advice: 'Ask for the proposal to be made again with a later date, or make one yourself.',
})

export const alreadySigned = refusal({
  status: 409,
  code: 'already_signed',
  title: 'Your organisation has signed already',
  advice: 'Nothing more is needed from you. Read the signatures of the pact to see whose is missing.',
  constraints: ['signatures_one_each'],
})

export const signedTooLate = refusal({
  status: 409,
  code: 'signed_too_late',
  title: 'The time to sign is over',
  advice: 'The pact has lapsed. Propose a new one.',
})

export const pactOverlaps = refusal({
  status: 409,
  code: 'pact_overlaps',
  title: 'Your organisation has such a pact with one of the parties for that time already',
  advice: 'It has the same purpose and is in force or being signed. Propose a term that does not overlap.',
})

export const partiesNotFree = refusal({
  status: 409,
  code: 'parties_not_free',
  title: 'The parties are not free to agree to this now',
  advice:
    'Something between two of the parties stands in its way. If it is not between you and another, ask the others: they can see it and you cannot. Then accept again, or put another proposal.',
  constraints: ['pact_pairs_no_overlap'],
})

export const partyUnfit = refusal({
  status: 409,
  code: 'party_unfit',
  title: 'One of the parties can make no pact now',
  advice:
    'It is suspended, dissolved or merged into another. Wait until it is reinstated; or let the proposer withdraw this pact, and draft one with its successor, or without it.',
})

export const offerLinkNotFound = refusal({
  status: 404,
  code: 'offer_link_not_found',
  title: 'There is no such offer link',
  advice: 'Check the id. It may also be one that your token may not see.',
})

export const linkUsed = refusal({
  status: 409,
  code: 'offer_link_used',
  title: 'This link has been used: there is nothing left to revoke',
  advice: 'What was answered by it stands. Read the pact, and answer that.',
})

export const linkGone = refusal({
  status: 410,
  code: 'link_gone',
  title: 'This link is no longer good',
  advice:
    'It was used, has expired or was revoked. If your organisation has an account by now, every link to it has ended: ask its ' +
    'secretary for an enrolment link, and find the pact in its list of pacts. Otherwise ask those who sent this one for a new one. ' +
    'If it was claimed and not by you, tell them so.',
})

export const nothingOffered = refusal({
  status: 409,
  code: 'nothing_offered',
  title: 'There is no offer to answer',
  advice:
    'A link leads to an offer: make a proposal first, and send it while the pact is being negotiated or signed.',
})

export const invitationRests = refusal({
  status: 409,
  code: 'invitation_rests',
  title: 'Those who sent you this link may not act now',
  advice:
    'It opens no account until they may again, and stays good until its day. Ask a coordinator of another coordination what ' +
    'happened, before you trust them; you can also register your organisation yourself: POST /v1/organisations.',
})

export const hasAccount = refusal({
  status: 409,
  code: 'has_account',
  title: 'This organisation answers for itself',
  advice:
    'Send no link: it has an account now, and its delegates find the pact in its list of pacts and answer it there. Before you sign, ' +
    'read the organisation: `madeKnownBy` and `claimedAt` tell by whose link and when it was claimed, and `status` whether ' +
    'anybody has vouched for it.',
})
