import { refusal } from '../platform/problems.ts'

export const pactNotFound = refusal({
  status: 404,
  code: 'pact_not_found',
  title: 'There is no such pact',
  advice: 'Check the id. The pact may also be one that you may not see.',
})

export const proposalNotFound = refusal({
  status: 404,
  code: 'proposal_not_found',
  title: 'There is no such proposal',
  advice: 'Check the id. The proposal may also be one that you may not see.',
})

export const pactProposed = refusal({
  status: 409,
  code: 'pact_already_proposed',
  title: 'The pact is no longer a draft',
  advice:
    'You can change the title only while the pact is a draft. Keep the title, or withdraw this pact and draft another. The texts of a proposal have their own titles.',
})

export const proposalSuperseded = refusal({
  status: 409,
  code: 'proposal_superseded',
  title: 'This is not the current proposal',
  advice: 'Read the pact with its current proposal, and decide on that one.',
})

export const alreadyAnswered = refusal({
  status: 409,
  code: 'already_answered',
  title: 'Your organisation has already decided on this proposal',
  advice:
    'A decision on a proposal is final. To change it, make a counter-proposal. Every party then answers again.',
  constraints: ['responses_one_decision'],
})

export const answerTooLate = refusal({
  status: 409,
  code: 'answer_too_late',
  title: 'The time to accept this proposal is over',
  advice: 'Ask the author to propose it again with a later date, or make a proposal yourself.',
})

export const alreadySigned = refusal({
  status: 409,
  code: 'already_signed',
  title: 'Your organisation has already signed',
  advice: 'You need to do nothing. The signatures of the pact show which one is missing.',
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
  title: 'Your organisation already has a pact of this purpose with one of the parties for that time',
  advice: 'That pact is in force or being signed. Propose a term that does not overlap with it.',
})

export const partiesNotFree = refusal({
  status: 409,
  code: 'parties_not_free',
  title: 'Two of the parties cannot agree to this now',
  advice:
    'Something between two parties prevents it. If it does not concern you, only those two can see it: ask the other parties. Then accept again, or make another proposal.',
  constraints: ['pact_pairs_no_overlap'],
})

export const partyUnfit = refusal({
  status: 409,
  code: 'party_unfit',
  title: 'One of the parties cannot make a pact now',
  advice:
    'It is suspended, dissolved or merged into another organisation. Wait until it is reinstated. Or ask the proposer to withdraw this pact, and draft one with the successor, or without this party.',
})

export const offerLinkNotFound = refusal({
  status: 404,
  code: 'offer_link_not_found',
  title: 'There is no such offer link',
  advice: 'Check the id. The link may also be one that you may not see.',
})

export const linkUsed = refusal({
  status: 409,
  code: 'offer_link_used',
  title: 'This link was already used and cannot be revoked',
  advice: 'The answer that was given with it is valid. Read the pact, and react to that answer.',
})

export const linkGone = refusal({
  status: 410,
  code: 'link_gone',
  title: 'This link is no longer valid',
  advice:
    'It was used, has expired or was revoked. If your organisation has an account now, all links to it are revoked: ask its ' +
    'secretary for an enrolment link, and find the pact in its list of pacts. Otherwise ask the sender for a new link. ' +
    'If somebody else claimed the account of your organisation, tell the sender.',
})

export const nothingOffered = refusal({
  status: 409,
  code: 'nothing_offered',
  title: 'There is no offer to answer',
  advice:
    'A link shows an offer. Make a proposal first, and create the link while the pact is `negotiating` or `signing`.',
})

export const invitationRests = refusal({
  status: 409,
  code: 'invitation_rests',
  title: 'The sender of this link may not act at present',
  advice:
    'The link stays valid until it expires, but it opens no account until the sender may act again. Before you trust the ' +
    'sender, ask a coordinator of another coordination what happened. You can also register your organisation yourself: ' +
    'POST /v1/organisations.',
})

export const hasAccount = refusal({
  status: 409,
  code: 'has_account',
  title: 'This organisation has its own account',
  advice:
    'It needs no link: its delegates find the pact in its list of pacts and answer it there. Before you sign, read the ' +
    'organisation. `madeKnownBy` and `claimedAt` show by whose link and when it was claimed, and `status` shows whether ' +
    'a coordinator has verified it.',
})
