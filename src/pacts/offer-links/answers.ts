/** What a link holder says for the invited organisation, and how it becomes one with an account. */
import type { Caller } from '../../platform/access.ts'
import { transaction, type Act } from '../../platform/act.ts'
import { forbidden } from '../../platform/problems.ts'
import { claimOrganisation } from '../../organisations/moving.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { seatFirstSecretary } from '../../delegates/actions.ts'
import { readPact } from '../actions.ts'
import { lockPact, type PartyActor } from '../changing.ts'
import { remaining } from '../policy.ts'
import { linkGone } from '../problems.ts'
import { putProposal, readProposal, supersededBy, type Remind } from '../proposals/actions.ts'
import { giveResponse } from '../responses/actions.ts'
import { holdLink, recordRevoked, spendLink, type LinkCaller } from './actions.ts'
import { revokeLiveLinks } from './queries.ts'
import type { ClaimOrganisation, GiveAnswer } from './schemas.ts'

/**
 * Answers for the invited organisation. A yes, a no and a counter-proposal use the link up; a comment and asking
 * for more time do not.
 */
export function giveAnswer(act: Act, input: GiveAnswer, remind: Remind) {
  return transaction(act, async (tx) => {
    const link = linkOf(act.caller)
    const pact = await lockPact(tx, act, link.pactId)
    const isFinal = input.decision !== 'comment' && input.decision !== 'needs_more_time'
    if (isFinal) await spendLink(tx, act, link)
    else await holdLink(tx, act, link)
    if (!remaining(pact.parties).some((party) => party.organisationId === link.organisationId))
      throw linkGone()

    const by: PartyActor = { organisationId: link.organisationId, mandateId: null }
    if (input.decision !== 'counter') {
      const response = await giveResponse(tx, act, pact, by, input)
      return { linkSpent: isFinal, response, proposal: null, pact: await readPact(tx, act.caller, pact.id) }
    }
    const { proposalId, contentDigest, proposal: countered } = input
    const answered = await readProposal(tx, act.caller, proposalId)
    if (answered.pactId !== pact.id || answered.contentDigest !== contentDigest) throw supersededBy(undefined)
    const id = await putProposal(tx, act, pact, by, { ...countered, supersedesId: proposalId }, remind)
    const proposal = await readProposal(tx, act.caller, id)
    return { linkSpent: true, response: null, proposal, pact: await readPact(tx, act.caller, pact.id) }
  })
}

/** Whoever holds the link takes the organisation's account, as its first secretary. */
export function claimByLink(act: Act, input: ClaimOrganisation) {
  return transaction(act, async (tx) => {
    const link = linkOf(act.caller)
    const { organisationId } = link
    // The organisation before the link: two who claim it by two links wait for each other here.
    await lockOrganisation(tx, organisationId)
    await spendLink(tx, act, link)
    const organisation = await claimOrganisation(tx, act, organisationId)
    const seat = await seatFirstSecretary(tx, act, organisation, input.secretary)
    // From here on it speaks for itself.
    const revoked = await revokeLiveLinks(tx, { organisationId }, act.now)
    await recordRevoked(tx, act, revoked, { organisationId, mandateId: seat.mandate.id })
    return { organisation, ...seat }
  })
}

function linkOf(caller: Caller): LinkCaller {
  if (caller.kind === 'link') return caller
  throw forbidden('Only the holder of an offer link can do this.')
}
