/** Decides whether a caller may read or move a pact, and for which party. Pure functions of caller and row. */
import {
  isHiddenBySeal,
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

/** Parties can read their pact, also after they declined. Only the proposer can read a draft. */
export function mayRead(caller: Caller, pact: KnownPact): boolean {
  if (caller.kind === 'link' && caller.linkedId !== pact.id) return false
  if (isHiddenBySeal(caller, ...pact.parties.map((party) => party.organisationId))) return false
  const own = organisationsOf(caller)
  if (own.includes(pact.proposerId)) return true
  return pact.proposedAt !== null && pact.parties.some((party) => own.includes(party.organisationId))
}

/** The largest value of the column. No proposal has it. */
const numberMax = 2_147_483_647

/** Returns the number of the last proposal that the caller may read. A party that declined can read up to the declined one. */
export function lastReadableProposalNumber(caller: Caller, pact: KnownPact): number {
  return declinedParty(caller, pact.parties)?.declinedNumber ?? numberMax
}

/**
 * Returns the party with which the caller declined, or undefined while another organisation of the caller is still a party.
 * If several declined, the last one.
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

/** Returns the caller's mandates with this power: in a draft those of the proposer, later those of all remaining parties. */
export function partyMandates(caller: Caller, pact: KnownPact, power: Power): LiveMandate[] {
  const isDraft = pact.proposedAt === null
  const parties = isDraft
    ? [pact.proposerId]
    : remainingParties(pact.parties).map((party) => party.organisationId)
  return mandatesOf(caller).filter(
    (mandate) => mandate.powers.includes(power) && parties.includes(mandate.organisationId),
  )
}

/** Returns the mandates with which the caller may make this move. Any party can reopen, only the proposer can do the rest. */
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

/** Whether an organisation with this status can be a party: it can answer, or will be able to. */
export const mayBeParty = (status: string): boolean =>
  ['unclaimed', 'provisional', 'verified'].includes(status)
