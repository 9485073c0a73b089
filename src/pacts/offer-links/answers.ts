/** Answers and claims of link holders, for an organisation without an account. */
import type { Caller } from '../../platform/access.ts'
import { asService, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { forbidden, type Problem } from '../../platform/problems.ts'
import { stepToVerification } from '../../organisations/next-steps/actions.ts'
import { claimOrganisation } from '../../organisations/claims.ts'
import { actingStatuses } from '../../organisations/policy.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { lockStatuses } from '../../organisations/status/queries.ts'
import { appointFirstSecretary } from '../../delegates/actions.ts'
import { readPact } from '../actions.ts'
import { lockPact, type LockedPact, type PartyActor } from '../pact-updates.ts'
import { remainingParties } from '../policy.ts'
import { invitationRests, linkGone } from '../problems.ts'
import {
  requireProposalOfPact,
  createProposal,
  readProposal,
  supersededProblem,
  type Remind,
} from '../proposals/actions.ts'
import { proposalById } from '../proposals/queries.ts'
import { createResponse } from '../responses/actions.ts'
import { lockLink, recordRevoked, spendLink, type LinkCaller } from './actions.ts'
import { originOfLink, revokeLiveLinks } from './queries.ts'
import type { ClaimOrganisation, GiveAnswer } from './schemas.ts'

/** Answers an offer for the invited organisation. A decision or a counter-proposal uses the link up; a comment does not. */
export function giveAnswer(context: ActionContext, input: GiveAnswer, remind: Remind) {
  return transaction(context, async (tx) => {
    const link = requireLinkCaller(context.caller)
    const pact = await lockPact(tx, context, link.linkedId)
    // An organisation with an account answers with its own tokens, even if a link was not revoked.
    const organisation = await lockOrganisation(tx, link.organisationId)
    if (organisation?.status !== 'unclaimed') throw linkGone()
    const isFinal = input.decision !== 'comment' && input.decision !== 'needs_more_time'
    if (isFinal) await spendLink(tx, context, link)
    else await lockLink(tx, context, link)
    if (!remainingParties(pact.parties).some((party) => party.organisationId === link.organisationId))
      throw linkGone()

    const by: PartyActor = { organisationId: link.organisationId, mandateId: null }
    const given =
      input.decision === 'counter'
        ? await makeCounterProposal(tx, context, pact, by, input, remind)
        : { response: await createResponse(tx, context, pact, by, input), proposal: null }
    return { linkSpent: isFinal, ...given, pact: await readPact(tx, context, pact.id) }
  })
}

type Counter = Extract<GiveAnswer, { decision: 'counter' }>

/** Makes a counter-proposal. Its statement becomes a comment on the proposal that it answers. */
async function makeCounterProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  { proposalId, contentDigest, statement, language, proposal }: Counter,
  remind: Remind,
) {
  await requireProposalOfPact(tx, context, pact, proposalId)
  const current = pact.proposalId === null ? undefined : await proposalById(tx, pact.proposalId)
  if (current?.id !== proposalId || current.contentDigest !== contentDigest) throw supersededProblem(current)
  const words = { proposalId, contentDigest, decision: 'comment' as const, statement, language }
  const response = statement === undefined ? null : await createResponse(tx, context, pact, by, words)
  const supersedesId = current.status === 'open' ? current.id : undefined
  const id = await createProposal(
    tx,
    context,
    pact,
    by,
    { ...proposal, supersedesId },
    { remind, at: '/proposal' },
  )
  return { response, proposal: await readProposal(tx, context, id) }
}

/**
 * Claims the account of the organisation for the link holder, as its first secretary. Only a link of the organisation that
 * created it can: otherwise anybody could create a link and impersonate a committee.
 */
export function claimByLink(context: ActionContext, input: ClaimOrganisation) {
  return transaction(asService(context), async (tx) => {
    const link = requireLinkCaller(context.caller)
    const { organisationId } = link
    // Locks the organisation before the link, so that two claims with two links are serialised here.
    const claimed = await lockOrganisation(tx, organisationId)
    if (claimed?.status !== 'unclaimed') throw linkGone()
    const origin = await originOfLink(tx, link.linkId)
    if (!origin?.mayClaim) throw cannotClaim()
    await requireActingSender(tx, origin.proposerId)
    await spendLink(tx, context, link)
    const organisation = await claimOrganisation(tx, context, organisationId, origin.proposerId)
    const seat = await appointFirstSecretary(tx, context, organisation, input.secretary)
    // From now on it has an account. The links of other proposers are for pacts that this caller may not read.
    const revoked = await revokeLiveLinks(bypassRls(tx), { organisationId }, context.now)
    recordRevoked(tx, context, revoked, { organisationId, mandateId: seat.mandate.id })
    const { name, kind, vouchBy } = organisation
    return {
      organisation,
      ...seat,
      next: stepToVerification({ name, kind, vouchBy, coordinationId: origin.proposerId }),
    }
  })
}

/** A link of a suspended or sealed organisation cannot claim an account meanwhile. */
async function requireActingSender(tx: Tx, proposerId: string): Promise<void> {
  const [proposer] = await lockStatuses(tx, [proposerId])
  if (!proposer || proposer.sealedAt !== null || !actingStatuses.includes(proposer.status))
    throw invitationRests()
}

const cannotClaim = (): Problem =>
  forbidden(
    'This link answers its offer, but cannot claim the account. Only a link of the organisation that created yours can: ' +
      '`madeKnownBy` in GET /v1/organisations/{id} of your organisation names it. Ask it for a link.',
  )

function requireLinkCaller(caller: Caller): LinkCaller {
  if (caller.kind === 'link') return caller
  throw forbidden('Only the holder of an offer link can do this. Send the secret of the link as the token.')
}
