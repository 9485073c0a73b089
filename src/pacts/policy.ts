/** May this caller read or move this pact, and for which party? Pure: the row and the caller decide. */
import {
  mandateFor,
  mandatesOf,
  organisationsOf,
  type Caller,
  type LiveMandate,
  type Power,
} from '../platform/access.ts'
import { movesFrom } from '../platform/lifecycle.ts'
import {
  askedPactMoves,
  pactLifecycle,
  type AskedPactMove,
  type PactStatus,
  type Standing,
} from './lifecycle.ts'

export type Party = { organisationId: string; standing: Standing; declinedNumber: number | null }
export type KnownPact = {
  id: string
  status: PactStatus
  proposerId: string
  proposedAt: string | null
  parties: readonly Party[]
}

/** Parties read their pact, also after they said no. What was never proposed is known to its proposer only. */
export function mayRead(caller: Caller, pact: KnownPact): boolean {
  if (caller.kind === 'link' && caller.pactId !== pact.id) return false
  const own = organisationsOf(caller)
  if (own.includes(pact.proposerId)) return true
  return pact.proposedAt !== null && pact.parties.some((party) => own.includes(party.organisationId))
}

/** The largest that the column holds: no proposal has it. */
const numberMax = 2_147_483_647

/**
 * The number of the last proposal that the caller may read. A party that said no keeps what it said no to; what
 * the others agree on afterwards is theirs.
 */
export function lastReadableNumber(caller: Caller, pact: KnownPact): number {
  const own = organisationsOf(caller)
  const ownParties = pact.parties.filter((party) => own.includes(party.organisationId))
  return Math.max(0, ...ownParties.map((party) => party.declinedNumber ?? numberMax))
}

export const remaining = <P extends Party>(parties: readonly P[]): P[] =>
  parties.filter((party) => party.standing !== 'declined')

/** The caller's mandates with this power in those who may act: in a draft the proposer, then all who are left. */
export function partyMandates(caller: Caller, pact: KnownPact, power: Power): LiveMandate[] {
  const isDraft = pact.proposedAt === null
  const parties = isDraft ? [pact.proposerId] : remaining(pact.parties).map((party) => party.organisationId)
  return mandatesOf(caller).filter(
    (mandate) => mandate.powers.includes(power) && parties.includes(mandate.organisationId),
  )
}

/** The mandate by which the caller may make this move: any party reopens, the proposer ends it. */
export function mandateToMove(caller: Caller, pact: KnownPact, move: AskedPactMove): LiveMandate | undefined {
  if (move === 'reopen') return partyMandates(caller, pact, 'negotiate')[0]
  return mandateFor(caller, pact.proposerId, 'negotiate')
}

export const allowedMoves = (caller: Caller, pact: KnownPact): AskedPactMove[] =>
  movesFrom(pactLifecycle, pact.status)
    .filter((move) => askedPactMoves.some((asked) => asked === move))
    .map((move) => move as AskedPactMove)
    .filter((move) => mandateToMove(caller, pact, move) !== undefined)
