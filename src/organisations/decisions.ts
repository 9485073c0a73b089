/** Decisions on an organisation: who may make them, and which need a second person. */
import type { LiveMandate } from '../platform/access.ts'
import { lockMandate, type ActionContext } from '../platform/actions/action-context.ts'
import { daysAfter } from '../platform/clock.ts'
import { type Tx } from '../platform/database/database.ts'
import { updateVersion } from '../platform/ledger/versioned-update.ts'
import { stateAfter } from '../platform/lifecycle/lifecycle.ts'
import { forbidden } from '../platform/problems.ts'
import { waitingMove, type lockReadableOrganisation, vouchDays } from './actions.ts'
import {
  firstApproval,
  firstApprovalOfOperator,
  lockFirstApproval,
  requireSecondPerson,
} from './approvals/actions.ts'
import { secondPersonNeeded } from './approvals/problems.ts'
import {
  organisationLifecycle,
  type DecidedMove,
  type OrganisationMove,
  type OrganisationStatus,
  type Role,
  type PendingMove,
} from './lifecycle.ts'
import { actingFor, allowedMoves, completesMove, rolesNeeded, waysToMove } from './policy.ts'
import { otherMovePending, receiverNeeded } from './problems.ts'
import { clearedApprovals, organisations } from './tables.ts'

export type LockedOrganisation = Awaited<ReturnType<typeof lockReadableOrganisation>>

/** Requires the approval of the receiving organisation: a merger needs three different persons. */
async function requireReceiver(tx: Tx, context: ActionContext, row: LockedOrganisation): Promise<void> {
  const receiver = waitingMove(row, context.now)?.receiver
  if (!receiver || !(await lockFirstApproval(tx, context, receiver))) throw receiverNeeded()
  requireSecondPerson(context, receiver)
}

type Asked = { move: DecidedMove; reason: string | undefined; intoId?: string }
/** The role in which the caller acts, with its mandate; the operator has none. */
export type Acting = { role: Role; mandate: LiveMandate | undefined }

/** Makes the move if this caller completes the required approvals; otherwise records the first approval. */
export async function moveOrAwait(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Asked,
  acting: Acting,
): Promise<boolean> {
  // Only a caller who could request a move learns that the status does not allow it.
  const to = statusAfter(context, row, asked.move)
  if (isEnough(row, asked.move, acting.role) || (await completesFirst(tx, context, row, asked, acting))) {
    if (asked.move === 'merge') await requireReceiver(tx, context, row)
    await carryOut(tx, context, row, asked, { ...acting, to })
    return true
  }
  await awaitSecond(tx, context, row, asked, acting)
  return false
}

export const statusAfter = (
  context: ActionContext,
  row: LockedOrganisation,
  move: OrganisationMove,
): OrganisationStatus =>
  stateAfter(organisationLifecycle, row.status, move, allowedMoves(context.caller, row))

const isEnough = (row: LockedOrganisation, move: DecidedMove, role: Role): boolean =>
  waysToMove(row, move).some((way) => way.length === 1 && way[0] === role)

/** Whether another person's first approval counts and this one completes it. */
async function completesFirst(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Asked,
  { role, mandate }: Acting,
): Promise<boolean> {
  const first = waitingMove(row, context.now)
  if (!first || !(await lockFirstApproval(tx, context, first))) return false
  // A pending request of the organisation's own secretary must not block a suspension.
  if (asked.move === 'suspend' && first.role === 'representative') return false
  if (first.move !== asked.move || first.intoId !== asked.intoId) throw otherMovePending()
  if (!completesMove(row, first, role)) throw secondPersonNeeded()
  requireSecondPerson(context, first, { organisationId: mandate?.organisationId })
  return true
}

async function awaitSecond(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Asked,
  acting: Acting,
): Promise<void> {
  const { role, mandate } = acting
  const { move, intoId } = asked
  const first = mandate ? firstApproval(context, mandate) : firstApprovalOfOperator(context)
  const pending: PendingMove = { ...first, move, role, intoId }
  const details = { move, role }
  const entry = { type: 'organisation.concurrence_given', ...actorOf(row, acting), details } as const
  await updateVersion(tx, context, organisations, row, { pending }, entry)
}

type Outcome = Acting & { to: OrganisationStatus }

async function carryOut(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Asked,
  outcome: Outcome,
): Promise<void> {
  const { to } = outcome
  const change = {
    status: to,
    ...clearedApprovals,
    mergedIntoId: asked.intoId ?? null,
    vouchBy: vouchByAfter(context, to),
  }
  await updateVersion(tx, context, organisations, row, change, {
    type: 'organisation.moved',
    ...actorOf(row, outcome),
    transition: { move: asked.move, from: row.status, to, reason: asked.reason },
  })
}

export const vouchByAfter = (context: ActionContext, to: OrganisationStatus): string | null =>
  to === 'provisional' ? daysAfter(context.now, vouchDays) : null

/**
 * Who acted and with which mandate. The operator acts for no organisation, so the entry names the one that is moved.
 */
export const actorOf = (row: LockedOrganisation, { mandate }: Pick<Acting, 'mandate'>) => ({
  organisationId: mandate?.organisationId ?? row.id,
  mandateId: mandate?.id,
})

/** Requires a role for this move, and locks its mandate until the transaction ends. */
export async function requireRole(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  move: DecidedMove,
): Promise<Acting> {
  const acting = actingFor(context.caller, row, move, waitingMove(row, context.now))
  if (!acting) throw forbidden(whoCould(rolesNeeded(row, move)))
  if (acting.mandate) await lockMandate(tx, context, acting.mandate)
  return acting
}

function whoCould(needed: readonly Role[]): string {
  if (!needed.includes('coordinator')) return 'Only a secretary of the organisation can do this. Ask one.'
  const coordinator = 'a coordinator of another verified coordination'
  if (!needed.includes('representative')) return `Only ${coordinator} can do this. Ask one.`
  return `Only a secretary of the organisation and ${coordinator} together can do this. Ask them.`
}
