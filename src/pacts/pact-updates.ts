/** What every change of a pact begins with, a lock and the right to make it, and what it ends in: one version more. */
import type { LiveMandate, Power } from '../platform/access.ts'
import { lockMandate, type ActionContext } from '../platform/actions/action-context.ts'
import type { Tx } from '../platform/database/database.ts'
import { stateAfter, type MoveOf } from '../platform/lifecycle/lifecycle.ts'
import { forbidden, invalidBecause } from '../platform/problems.ts'
import { updateVersion } from '../platform/ledger/versioned-update.ts'
import { pactLifecycle } from './lifecycle.ts'
import { allowedMoves, mayRead, partyMandates } from './policy.ts'
import { pactNotFound } from './problems.ts'
import { lockPactRow, partiesOf } from './queries.ts'
import { pacts } from './tables.ts'

type PactColumns = typeof pacts.$inferSelect
export type LockedPact = PactColumns & { parties: Awaited<ReturnType<typeof partiesOf>> }

/** The party for which someone acts, and by which mandate: none for a link, a client and the clock. */
export type Actor = { organisationId?: string; mandateId: string | null }
export type PartyActor = Actor & { organisationId: string }

export const systemActor: Actor = { mandateId: null }

/** Locks the pact; 404 for what is missing and, byte for byte the same, for what this caller may not read. */
export async function lockPact(tx: Tx, context: ActionContext, id: string): Promise<LockedPact> {
  const row = await lockPactRow(tx, id)
  if (!row) throw pactNotFound()
  const pact = { ...row, parties: await partiesOf(tx, id) }
  if (!mayRead(context.caller, pact)) throw pactNotFound()
  return pact
}

/** Chooses the party for which the caller acts and holds the mandate to the end of the transaction. */
export async function requireParty(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  power: Power,
  askedId?: string,
): Promise<PartyActor> {
  const refusalText = `Only a delegate with the power "${power}" in a party of the pact can do this. Ask one.`
  return requirePartyByMandate(tx, context, partyMandates(context.caller, pact, power), askedId, refusalText)
}

/** The same by mandates that were found already; `without` says what is needed when there is none. */
export async function requirePartyByMandate(
  tx: Tx,
  context: ActionContext,
  mandates: readonly LiveMandate[],
  askedId: string | undefined,
  refusalText: string,
): Promise<PartyActor> {
  const usable = mandates.filter((one) => askedId === undefined || one.organisationId === askedId)
  const [mandate] = usable
  if (!mandate) throw forbidden(refusalText)
  if (usable.some((other) => other.organisationId !== mandate.organisationId)) throw partyIsRequired()
  await lockMandate(tx, context, mandate)
  return { organisationId: mandate.organisationId, mandateId: mandate.id }
}

const partyIsRequired = () =>
  invalidBecause({
    pointer: '/organisationId',
    code: 'several_parties',
    detail: 'is required, because you have such a mandate in more than one party',
  })

export type PactUpdate = {
  /** `pact.signed`; every version of a pact has exactly one such entry in the ledger. */
  type: `pact.${string}`
  by: Actor
  move?: MoveOf<typeof pactLifecycle>
  reason?: string | undefined
  set?: Partial<
    Pick<
      PactColumns,
      'title' | 'proposedAt' | 'proposalId' | 'startsOn' | 'endsOn' | 'noticeDays' | 'signBy' | 'activatedAt'
    >
  >
  details?: Record<string, unknown>
}

/** 409 with the moves that this caller could ask for, when the pact's state does not have the move. */
export const statusAfter = (context: ActionContext, pact: LockedPact, move: MoveOf<typeof pactLifecycle>) =>
  stateAfter(pactLifecycle, pact.status, move, allowedMoves(context.caller, pact), recordNames[move])

const recordNames: Partial<Record<MoveOf<typeof pactLifecycle>, string>> = {
  propose: 'A proposal',
  agree: 'An answer',
  activate: 'A signature',
}

/** Changes the locked pact and records it. 409 when its state does not have the move. */
export async function updatePact(
  tx: Tx,
  context: ActionContext,
  pact: LockedPact,
  step: PactUpdate,
): Promise<LockedPact> {
  const status = step.move ? statusAfter(context, pact, step.move) : pact.status
  const change = { ...step.set, status }
  await updateVersion(tx, context, pacts, pact, change, {
    type: step.type,
    organisationId: step.by.organisationId,
    mandateId: step.by.mandateId,
    ...(step.move && {
      transition: { move: step.move, from: pact.status, to: status, reason: step.reason },
    }),
    ...(step.details && { details: step.details }),
  })
  return { ...pact, ...change, version: pact.version + 1, updatedAt: context.now }
}
