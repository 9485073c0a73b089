/** May this caller read or move this pact, and for which party? Pure: the row and the caller decide. */
import {
  isSealedAway,
  mandatesOf,
  organisationsOf,
  type Caller,
  type LiveMandate,
  type Power,
} from '../platform/access.ts'
import { movesFrom } from '../platform/lifecycle/lifecycle.ts'
import {
  askedPactMoves,
  pactLifecycle,
  type AskedPactMove,
  type PactStatus,
  type PartyStatus,
} from './lifecycle.ts'

export type Party = {
  organisationId: string
  standing: PartyStatus
  declinedNumber: number | null
  declinedAt: string | null
  declinedVersion: number | null
}
export type KnownPact = {
  id: string
  status: PactStatus
  proposerId: string
  proposedAt: string | null
  parties: readonly Party[]
}

/** Parties read their pact, also after they said no. What was never proposed is known to its proposer only. */
export function mayRead(caller: Caller, pact: KnownPact): boolean {
  if (caller.kind === 'link' && caller.linkedId !== pact.id) return false
  if (isSealedAway(caller, ...pact.parties.map((party) => party.organisationId))) return false
  const own = organisationsOf(caller)
  if (own.includes(pact.proposerId)) return true
  return pact.proposedAt !== null && pact.parties.some((party) => own.includes(party.organisationId))
}

/** The largest that the column holds: no proposal has it. */
const numberMax = 2_147_483_647

/** The number of the last proposal that the caller may read: a party that said no keeps what it said no to. */
export function lastReadableProposalNumber(caller: Caller, pact: KnownPact): number {
  return declinedParty(caller, pact.parties)?.declinedNumber ?? numberMax
}

/**
 * The party as which the caller said no, so that what the others did afterwards is theirs: the last one where the
 * caller speaks for several, and none while the caller is in the pact by another.
 */
export function declinedParty<P extends Party>(caller: Caller, parties: readonly P[]): P | undefined {
  const own = organisationsOf(caller)
  const ownParties = parties.filter((party) => own.includes(party.organisationId))
  if (ownParties.some((party) => party.standing !== 'declined')) return undefined
  return ownParties.reduce<P | undefined>(
    (last, party) => ((party.declinedVersion ?? 0) > (last?.declinedVersion ?? -1) ? party : last),
    undefined,
  )
}

export const remainingParties = <P extends Party>(parties: readonly P[]): P[] =>
  parties.filter((party) => party.standing !== 'declined')

/** The caller's mandates with this power in those who may act: in a draft the proposer, then all who are left. */
export function partyMandates(caller: Caller, pact: KnownPact, power: Power): LiveMandate[] {
  const isDraft = pact.proposedAt === null
  const parties = isDraft
    ? [pact.proposerId]
    : remainingParties(pact.parties).map((party) => party.organisationId)
  return mandatesOf(caller).filter(
    (mandate) => mandate.powers.includes(power) && parties.includes(mandate.organisationId),
  )
}

/** The mandates by which the caller may make this move: any party reopens, the proposer ends it. */
export function mandatesForMove(
  caller: Caller,
  pact: KnownPact,
  move: AskedPactMove,
): readonly LiveMandate[] {
  const usable = partyMandates(caller, pact, 'negotiate')
  return move === 'reopen' ? usable : usable.filter((one) => one.organisationId === pact.proposerId)
}

export const allowedMoves = (caller: Caller, pact: KnownPact): AskedPactMove[] =>
  movesFrom(pactLifecycle, pact.status)
    .filter((move) => askedPactMoves.some((asked) => asked === move))
    .map((move) => move as AskedPactMove)
    .filter((move) => mandatesForMove(caller, pact, move).length > 0)

/** Whom a pact can be made with: those who can answer for it, or will be able to. */
export const mayBeParty = (status: string): boolean =>
  ['unclaimed', 'provisional', 'verified'].includes(status)
