/** The steps of every change of a pact: lock it, choose the acting party, write the next version. */
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

/** The acting party and mandate. There is no mandate for a link, an API client or a job. */
export type Actor = { organisationId?: string; mandateId: string | null }
export type PartyActor = Actor & { organisationId: string }

export const systemActor: Actor = { mandateId: null }

/** Locks the pact. Throws the same 404 for a missing pact and for one that this caller may not read. */
export async function lockPact(tx: Tx, context: ActionContext, id: string): Promise<LockedPact> {
  const row = await lockPactRow(tx, id)
  if (!row) throw pactNotFound()
  const pact = { ...row, parties: await partiesOf(tx, id) }
  if (!mayRead(context.caller, pact)) throw pactNotFound()
  return pact
}

/** Chooses the party for which the caller acts, and locks its mandate. */
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
  /** For example `pact.signed`. Every version of a pact has exactly one such ledger entry. */
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

/** Returns the status after the move. Throws 409 with the moves of this caller if the status does not allow it. */
export const statusAfter = (context: ActionContext, pact: LockedPact, move: MoveOf<typeof pactLifecycle>) =>
  stateAfter(pactLifecycle, pact.status, move, allowedMoves(context.caller, pact), recordNames[move])

const recordNames: Partial<Record<MoveOf<typeof pactLifecycle>, string>> = {
  propose: 'A proposal',
  agree: 'An answer',
  activate: 'A signature',
}

/** Changes the locked pact and records it in the ledger. Throws 409 if its status does not allow the move. */
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
