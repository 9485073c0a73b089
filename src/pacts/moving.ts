/** The moves of a pact: those that people ask for, those that records bring about, and those of the clock. */
import { eq } from 'drizzle-orm'
import { holdStill, transaction, type Act } from '../platform/act.ts'
import { dateOf, daysAfter } from '../platform/clock.ts'
import type { Tx } from '../platform/database.ts'
import { forbidden, staleVersion } from '../platform/problems.ts'
import type { AskedMove } from '../platform/transitions.ts'
import { readPact } from './actions.ts'
import { advance, lockPact, theClock, type Actor, type LockedPact } from './changing.ts'
import type { AskedPactMove, pactLifecycle } from './lifecycle.ts'
import { mandateToMove } from './policy.ts'
import { closeProposal } from './proposals/closing.ts'
import type { ProposalContent } from './proposals/schemas.ts'
import { pactsToExpire, pactsToLapse, pactsWithLateProposal } from './queries.ts'
import { pactPairs } from './tables.ts'

/** How long the parties have to sign what all of them accepted. */
const signingDays = 30

export function movePact(act: Act, asked: AskedMove<typeof pactLifecycle>) {
  return transaction(act, async (tx) => {
    const pact = await lockPact(tx, act, asked.id)
    // The route admits no other moves.
    const move = asked.move as AskedPactMove
    const mandate = mandateToMove(act.caller, pact, move)
    if (!mandate) throw forbidden(whoCould[move])
    await holdStill(tx, act, mandate)
    if (asked.version !== undefined && pact.version !== asked.version) throw staleVersion()
    const by = { organisationId: mandate.organisationId, mandateId: mandate.id }
    await carryOut[move](tx, act, pact, by, asked.reason)
    return readPact(tx, act.caller, pact.id)
  })
}

const whoCould: Readonly<Record<AskedPactMove, string>> = {
  withdraw: 'Only the proposer can withdraw the pact, by a mandate with the power "negotiate".',
  decline:
    'Only the proposer can end the negotiation. You may decline the proposal for your own organisation.',
  reopen: 'Only a party can reopen the negotiation, by a mandate with the power "negotiate".',
}

type CarryOut = (tx: Tx, act: Act, pact: LockedPact, by: Actor, reason?: string) => Promise<unknown>

const carryOut: Readonly<Record<AskedPactMove, CarryOut>> = {
  withdraw: async (tx, act, pact, by, reason) => {
    await advance(tx, act, pact, { type: 'pact.withdrawn', move: 'withdraw', by, reason })
    await closeProposal(tx, act, pact.id, 'withdraw', by)
    await releasePairs(tx, pact.id)
  },
  decline: (tx, act, pact, by, reason) => endNegotiation(tx, act, pact, by, reason),
  // What was signed is void from here on, because the pact leaves the signed proposal behind.
  reopen: async (tx, act, pact, by, reason) => {
    const set = { proposalId: null, signBy: null }
    await advance(tx, act, pact, { type: 'pact.reopened', move: 'reopen', by, reason, set })
    await releasePairs(tx, pact.id)
  },
}

export async function endNegotiation(
  tx: Tx,
  act: Act,
  pact: LockedPact,
  by: Actor,
  reason?: string,
): Promise<void> {
  await advance(tx, act, pact, { type: 'pact.declined', move: 'decline', by, reason })
  await closeProposal(tx, act, pact.id, 'decline', by)
}

/**
 * All have accepted one proposal: now they sign. From here on no other pact of this purpose may stand between any
 * two of them in that term; the pairs are let go when the pact dies or is negotiated again.
 */
export async function agree(
  tx: Tx,
  act: Act,
  pact: LockedPact,
  by: Actor,
  content: ProposalContent,
): Promise<void> {
  await closeProposal(tx, act, pact.id, 'accept', by)
  await reservePairs(tx, pact.id, content)
  const set = { signBy: daysAfter(act.now, signingDays) }
  await advance(tx, act, pact, { type: 'pact.agreed', move: 'agree', by, set })
}

/** The last party has signed. */
export async function activate(
  tx: Tx,
  act: Act,
  pact: LockedPact,
  by: Actor,
  { term, noticeDays }: ProposalContent,
): Promise<void> {
  const set = { startsOn: term.startsOn, endsOn: term.endsOn, noticeDays, activatedAt: act.now }
  await advance(tx, act, pact, { type: 'pact.activated', move: 'activate', by, set })
}

/** Called by a job: not all have signed in time. */
export async function lapsePacts(act: Act): Promise<void> {
  await transaction(act, async (tx) => {
    for (const pact of await pactsToLapse(tx, act.now)) {
      await advance(tx, act, pact, { type: 'pact.lapsed', move: 'lapse', by: theClock })
      await releasePairs(tx, pact.id)
    }
    return {}
  })
}

/** Called by a job: the last day of the term is over. */
export async function expirePacts(act: Act): Promise<void> {
  await transaction(act, async (tx) => {
    for (const pact of await pactsToExpire(tx, dateOf(act.now))) {
      await advance(tx, act, pact, { type: 'pact.expired', move: 'expire', by: theClock })
      await releasePairs(tx, pact.id)
    }
    return {}
  })
}

/** Called by a job: nobody can accept the open proposal any more. The negotiation goes on with another one. */
export async function expireProposals(act: Act): Promise<void> {
  await transaction(act, async (tx) => {
    for (const { pact, proposalId } of await pactsWithLateProposal(tx, act.now)) {
      await closeProposal(tx, act, pact.id, 'expire', theClock)
      await advance(tx, act, pact, { type: 'pact.offer_expired', by: theClock, details: { proposalId } })
    }
    return {}
  })
}

async function reservePairs(
  tx: Tx,
  pactId: string,
  { parties, purpose, term }: ProposalContent,
): Promise<void> {
  const ordered = [...parties].sort()
  // The last day belongs to the term.
  const range = `[${term.startsOn},${term.endsOn ?? ''}]`
  const pairs = ordered.flatMap((lowerId, index) =>
    ordered.slice(index + 1).map((higherId) => ({ pactId, lowerId, higherId, purpose, term: range })),
  )
  await tx.insert(pactPairs).values(pairs)
}

async function releasePairs(tx: Tx, pactId: string): Promise<void> {
  await tx.delete(pactPairs).where(eq(pactPairs.pactId, pactId))
}
