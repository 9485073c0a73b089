import { and, eq } from 'drizzle-orm'
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { statusNow } from '../../organisations/status/queries.ts'
import { requireReadablePact } from '../actions.ts'
import { startSigning, refuseOverlapWithOwnPacts } from '../agreement.ts'
import {
  updatePact,
  requireParty,
  lockPact,
  statusAfter,
  type LockedPact,
  type PartyActor,
} from '../pact-updates.ts'
import { endNegotiation } from '../transitions.ts'
import { lastReadableProposalNumber, declinedParty, remainingParties } from '../policy.ts'
import { alreadyAnswered, answerTooLate, pactNotFound } from '../problems.ts'
import { markAsParty, requireProposalOfPact, supersededProblem } from '../proposals/actions.ts'
import { closeProposal } from '../proposals/close-proposal.ts'
import type { proposals } from '../proposals/tables.ts'
import { pactParties } from '../tables.ts'
import { proposalOfPact } from '../proposals/queries.ts'
import { acceptedBy, responseById, responsesOfPact, type ResponseRow } from './queries.ts'
import type { Respond, ResponseListParameters } from './schemas.ts'
import { responses } from './tables.ts'

export type ResponseInput = Omit<Respond, 'organisationId'>
type Proposal = typeof proposals.$inferSelect

/** A party's word on a proposal. Comments and asking for time change nothing; a yes or a no is final. */
export function respond(context: ActionContext, pactId: string, input: Respond) {
  return transaction(context, async (tx) => {
    const pact = await lockPact(tx, context, pactId)
    const by = await requireParty(tx, context, pact, 'negotiate', input.organisationId)
    return createResponse(tx, context, pact, by, input)
  })
}

/** Gives the response on the locked pact, with all that follows from it. */
export async function createResponse(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  input: ResponseInput,
): Promise<ResponseRow> {
  const proposal = await requireReadProposal(tx, context, pact, input)
  const id = await insertResponse(tx, context, pact, by, input)
  if (input.decision === 'accept') await acceptProposal(tx, context, pact, by, proposal)
  else if (input.decision === 'decline') await declineProposal(tx, context, pact, by, proposal)
  // Comments are still allowed during the signing.
  else if (pact.status !== 'signing') statusAfter(context, pact, 'agree')
  return requireResponseRow(tx, id)
}

export async function listResponses(
  db: Db,
  context: ActionContext,
  pactId: string,
  query: ResponseListParameters,
) {
  const pact = await requireReadablePact(db, context, pactId)
  const until = declinedParty(context.caller, pact.parties)?.declinedAt ?? undefined
  return responsesOfPact(
    db,
    pactId,
    { number: lastReadableProposalNumber(context.caller, pact), until },
    query,
  )
}

/** Returns the answered proposal. Throws if a decision names an outdated one, or if the digest is not that of its text. */
async function requireReadProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  input: ResponseInput,
): Promise<Proposal> {
  const isFinal = input.decision === 'accept' || input.decision === 'decline'
  const proposal = await requireProposalOfPact(tx, context, pact, input.proposalId)
  const isOutdated = isFinal && pact.proposalId !== input.proposalId
  if (!isOutdated && proposal.contentDigest === input.contentDigest) return proposal
  throw supersededProblem(
    pact.proposalId === null ? undefined : await proposalOfPact(tx, pact.id, pact.proposalId),
  )
}

/** Inserts the response. The unique index refuses a second decision of the same party on the same proposal. */
async function insertResponse(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  input: ResponseInput,
): Promise<string> {
  const id = timeOrderedId()
  await tx.insert(responses).values({
    id,
    createdAt: context.now,
    pactId: pact.id,
    proposalId: input.proposalId,
    contentDigest: input.contentDigest,
    organisationId: by.organisationId,
    organisationStatus: statusNow(by.organisationId),
    decision: input.decision,
    statement: input.statement ?? null,
    language: input.language ?? null,
  })
  record(tx, context, {
    type: 'response.given',
    subjectId: id,
    subjectVersion: 1,
    organisationId: by.organisationId,
    mandateId: by.mandateId,
    details: { pactId: pact.id, proposalId: input.proposalId, decision: input.decision },
  })
  return id
}

async function acceptProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  proposal: Proposal,
): Promise<void> {
  if (proposal.authorId === by.organisationId)
    throw alreadyAnswered(
      'Your organisation made this proposal and accepts it by that. Wait for the others, or put another.',
    )
  statusAfter(context, pact, 'agree')
  // The job that expires it may not have run yet.
  if (proposal.status === 'expired' || proposal.answerBy < context.now) throw answerTooLate()
  if (proposal.status !== 'open') throw supersededProblem(undefined)
  await refuseOverlapWithOwnPacts(tx, context, by, proposal.content)
  await markAsParty(tx, pact, by)
  const accepted = [proposal.authorId, ...(await acceptedBy(tx, proposal.id))]
  const details = { proposalId: proposal.id }
  const updated = await updatePact(tx, context, pact, { type: 'pact.accepted', by, details })
  if (remainingParties(pact.parties).every((party) => accepted.includes(party.organisationId))) {
    await startSigning(tx, context, updated, by, proposal.content)
  }
}

/**
 * Removes the party and closes the proposal, which names it, so the others need a new one. The pact becomes declined if fewer
 * than two parties would remain, or if its proposer declines.
 */
async function declineProposal(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: PartyActor,
  proposal: Proposal,
): Promise<void> {
  statusAfter(context, pact, 'decline')
  if (by.organisationId === pact.proposerId) return endNegotiation(tx, context, pact, by)
  await tx
    .update(pactParties)
    .set({
      standing: 'declined',
      declinedNumber: proposal.number,
      declinedAt: context.now,
      // Declining makes exactly one more version of the pact, which this party may still see.
      declinedVersion: pact.version + 1,
    })
    .where(and(eq(pactParties.pactId, pact.id), eq(pactParties.organisationId, by.organisationId)))
  if (remainingParties(pact.parties).length - 1 < partiesMin) return endNegotiation(tx, context, pact, by)
  await closeProposal(tx, context, pact.id, 'decline', by)
  await updatePact(tx, context, pact, {
    type: 'pact.party_declined',
    by,
    details: { proposalId: proposal.id },
  })
}

const partiesMin = 2

async function requireResponseRow(tx: Tx, id: string): Promise<ResponseRow> {
  const row = await responseById(tx, id)
  if (!row) throw pactNotFound()
  return row
}
