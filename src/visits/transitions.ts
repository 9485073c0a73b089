/** The moves of a visit that a person asks for, and those that a job makes when their time has come. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Tx } from '../platform/database/database.ts'
import { record } from '../platform/ledger/ledger.ts'
import { invalidBecause } from '../platform/problems.ts'
import { requireVersion } from '../platform/ledger/versioned-update.ts'
import type { Sweep } from '../platform/jobs/sweeps.ts'
import type { AskedMove } from '../platform/lifecycle/transitions.ts'
import { deleteOlderKeys } from '../platform/vault/rotation.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { lockReadableVisit, moveEntry, requireSide, statusAfter, updateVisit } from './actions.ts'
import { shortenBookings, releaseBookings } from './bookings/booking-updates.ts'
import { isOfVisit } from './bookings/queries.ts'
import { deleteItinerary } from './itinerary/actions.ts'
import type { visitLifecycle, VisitMove, VisitStatus } from './lifecycle.ts'
import { releaseAllParticipants } from './participants/release.ts'
import { isCalledOff } from './policy.ts'
import { visitBeginsLater } from './problems.ts'
import { completeVisit, startVisit, visitsToComplete, visitsToStart, type LockedVisit } from './queries.ts'

export async function moveVisit(
  context: ActionContext,
  vault: Vault,
  { id, move, reason, version }: AskedMove<typeof visitLifecycle>,
) {
  const { moved, renewed } = await transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, id)
    const acting = await requireSide(tx, context, visit, { move })
    requireVersion(visit, version)
    const to = statusAfter(context, visit, move)
    // The other side has made plans and needs an explanation.
    if (move === 'cancel' && reason === undefined) throw reasonMissing()
    // An early start would allow an early completion, and a report on a visit that did not happen.
    if (move === 'start' && !hasBegun(visit, context.now)) throw visitBeginsLater()
    await freeParticipants(tx, context, visit, to)
    const renewed = isCalledOff({ status: to }) ? await deleteItinerary(tx, context, vault, id) : undefined
    const moved = await updateVisit(
      tx,
      context,
      visit,
      acting,
      { status: to },
      moveEntry(visit, move, to, reason),
    )
    return { moved, renewed }
  })
  if (renewed) await deleteOlderKeys(context, vault, renewed)
  return moved
}

/** Called by a job: starts confirmed visits when their time has come. */
export const visitStartSweep: Sweep = {
  due: visitsToStart,
  carryOut: async (tx, context, id) =>
    recordSwept(tx, context, await startVisit(tx, id, context.now), {
      move: 'start',
      from: 'confirmed',
      to: 'in_progress',
    }),
}

/** Called by a job: completes visits that are over, so that they can be reported. */
export const visitCompletionSweep: Sweep = {
  due: visitsToComplete,
  carryOut: async (tx, context, id) =>
    recordSwept(tx, context, await completeVisit(tx, id, context.now), {
      move: 'complete',
      from: 'in_progress',
      to: 'completed',
    }),
}

type SweptVisit = { id: string; version: number; hostId: string }
type Transition = { move: VisitMove; from: VisitStatus; to: VisitStatus }

async function recordSwept(
  tx: Tx,
  context: ActionContext,
  visit: SweptVisit | undefined,
  transition: Transition,
): Promise<boolean> {
  if (!visit) return false
  record(tx, context, {
    type: 'visit.moved',
    subjectId: visit.id,
    subjectVersion: visit.version,
    organisationId: visit.hostId,
    transition,
  })
  return true
}

const hasBegun = (visit: LockedVisit, now: string): boolean =>
  visit.startsAt !== null && visit.startsAt <= now

async function freeParticipants(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  to: VisitStatus,
): Promise<void> {
  if (to === 'completed') await shortenBookings(tx, context, isOfVisit(visit.id))
  if (!isCalledOff({ status: to })) return
  await releaseAllParticipants(tx, context, visit.id)
  // The bookings of participants who have already arrived.
  await releaseBookings(tx, context, isOfVisit(visit.id))
}

const reasonMissing = () =>
  invalidBecause({ pointer: '/reason', code: 'required', detail: 'is required to cancel a visit' })
