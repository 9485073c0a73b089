/** What happens when all parties have accepted or signed, and what can prevent it. */
import { eq } from 'drizzle-orm'
import type { ActionContext } from '../platform/actions/action-context.ts'
import { daysAfter } from '../platform/clock.ts'
import type { Tx } from '../platform/database/database.ts'
import type { OrganisationStatus } from '../organisations/lifecycle.ts'
import { updatePact, type Actor, type LockedPact, type PartyActor } from './pact-updates.ts'
import { mayBeParty } from './policy.ts'
import { pactOverlaps, partyUnfit } from './problems.ts'
import { closeProposal } from './proposals/close-proposal.ts'
import type { ProposalContent } from './proposals/schemas.ts'
import { lockOrganisationsShared, overlappingPact } from './queries.ts'
import { pactPairs } from './tables.ts'

/** The days that the parties have for signing. */
const signingDays = 30

/**
 * Moves the pact to signing, after all parties accepted one proposal. Reserves each pair of parties for this purpose and
 * term; the pairs are released when the pact ends or is negotiated again.
 */
export async function startSigning(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: Actor,
  content: ProposalContent,
): Promise<void> {
  await requireEligibleParties(tx, content)
  await closeProposal(tx, context, pact.id, 'accept', by)
  await reservePairs(tx, pact.id, content)
  const set = { signBy: daysAfter(context.now, signingDays) }
  await updatePact(tx, context, pact, { type: 'pact.agreed', move: 'agree', by, set })
}

/** Puts the pact into force, after the last party signed. */
export async function activatePact(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  by: Actor,
  { term, noticeDays }: ProposalContent,
): Promise<void> {
  const set = { startsOn: term.startsOn, endsOn: term.endsOn, noticeDays, activatedAt: context.now }
  await updatePact(tx, context, pact, { type: 'pact.activated', move: 'activate', by, set })
}

/**
 * Throws `party_unfit` if a party is suspended, dissolved or merged. Locks the parties, so a suspension either comes first
 * and is seen here, or waits for this transaction.
 */
export async function requireEligibleParties(tx: Tx, { parties }: ProposalContent): Promise<void> {
  const unfit = (await lockOrganisationsShared(tx, parties)).filter(({ status }) => !mayBeParty(status))
  if (unfit.length > 0) throw partyUnfit(unfit.map(adviceFor).join(' '))
}

type Unfit = { name: string; status: OrganisationStatus; mergedIntoId: string | null }

/** Says what to do about an unfit party. A suspension is not named: it is a matter for the coordinators. */
function adviceFor({ name, status, mergedIntoId }: Unfit): string {
  if (status === 'merged')
    return `${name} was merged. Ask the proposer to withdraw this pact, and draft one with the successor, /v1/organisations/${mergedIntoId}.`
  if (status === 'dissolved')
    return `${name} was dissolved. Ask the proposer to withdraw this pact, and draft one without it.`
  return `${name} cannot make pacts at present. Wait, ask a coordinator, or ask the proposer to withdraw this pact and draft one without it.`
}

/**
 * Throws `pact_overlaps` with the overlapping pact if the acting party is in it. An overlap between others violates the
 * constraint on pairs, whose refusal names nothing. A link gives access to one pact, so it learns of no other.
 */
export async function refuseOverlapWithOwnPacts(
  tx: Tx,
  context: ActionContext,
  by: PartyActor,
  content: ProposalContent,
): Promise<void> {
  if (context.caller.kind === 'link') return
  const overlap = await overlappingPact(tx, by.organisationId, { ...content, term: termRange(content) })
  if (overlap)
    throw pactOverlaps(`It is /v1/pacts/${overlap.pactId}. Propose a term that does not overlap with it.`)
}

async function reservePairs(tx: Tx, pactId: string, content: ProposalContent): Promise<void> {
  const { purpose, parties } = content
  const ordered = [...parties].sort()
  const pairs = ordered.flatMap((lowerId, index) =>
    ordered
      .slice(index + 1)
      .map((higherId) => ({ pactId, lowerId, higherId, purpose, term: termRange(content) })),
  )
  await tx.insert(pactPairs).values(pairs)
}

/** The term as a daterange. The last day is included. */
const termRange = ({ term }: ProposalContent): string => `[${term.startsOn},${term.endsOn ?? ''}]`

export async function releasePairs(tx: Tx, pactId: string): Promise<void> {
  await tx.delete(pactPairs).where(eq(pactPairs.pactId, pactId))
}
