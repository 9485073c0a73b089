/** The moves of a visit's lifecycle: those that a person asks for, those that come with a choice of dates, the clock's. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Tx } from '../platform/database/database.ts'
import { record } from '../platform/ledger/ledger.ts'
import { invalidBecause } from '../platform/problems.ts'
import { requireVersion, type Precondition } from '../platform/ledger/versioned-update.ts'
import type { Sweep } from '../platform/jobs/sweeps.ts'
import type { AskedMove } from '../platform/lifecycle/transitions.ts'
import { shredOlderKeys } from '../platform/vault/rotation.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { zoneRules } from '../platform/wire/zones.ts'
import { changeVisit, requireSide, lockReadable, statusAfter } from './actions.ts'
import { holdComing } from './bookings/actions.ts'
import { shortenBookings, releaseBookings } from './bookings/booking-updates.ts'
import { ofVisit } from './bookings/queries.ts'
import { deleteItinerary } from './itinerary/actions.ts'
import type { Side, visitLifecycle, VisitMove, VisitStatus } from './lifecycle.ts'
import type { Guest } from './participants/queries.ts'
import { releaseAll } from './participants/release.ts'
import { isCalledOff } from './policy.ts'
import { visitBeginsLater, windowPassed } from './problems.ts'
import { completeVisit, startVisit, visitsToComplete, visitsToStart, type LockedVisit } from './queries.ts'
import type { RescheduleVisit } from './schemas.ts'
import { requirePreconditions } from './preconditions.ts'
import { readWindows, spanOf } from './windows.ts'

export async function moveVisit(
  context: ActionContext,
  vault: Vault,
  { id, move, reason, version }: AskedMove<typeof visitLifecycle>,
) {
  const { moved, renewed } = await transaction(context, async (tx) => {
    const visit = await lockReadable(tx, context, id)
    const acting = await requireSide(tx, context, visit, { move })
    requireVersion(visit, version)
    const to = statusAfter(context, visit, move)
    // The other side has made plans and is owed an explanation.
    if (move === 'cancel' && reason === undefined) throw reasonMissing()
    // Whoever may start it early could also complete it early, and report what never was.
    if (move === 'start' && !hasBegun(visit, context.now)) throw visitBeginsLater()
    await freeParticipants(tx, context, visit, to)
    const renewed = isCalledOff({ status: to }) ? await deleteItinerary(tx, context, vault, id) : undefined
    const moved = await changeVisit(
      tx,
      context,
      visit,
      acting,
      { status: to },
      entry(visit, move, to, reason),
    )
    return { moved, renewed }
  })
  if (renewed) await shredOlderKeys(context, vault, renewed)
  return moved
}

/**
 * The other side chooses one of the windows that stand. Who has agreed to come has that time held from now on; the
 * answer tells for whom it could not be.
 */
export function acceptVisit(
  context: ActionContext,
  id: string,
  chosen: { windowId: string; version: Precondition },
) {
  return transaction(context, async (tx) => {
    const visit = await lockReadable(tx, context, id)
    const acting = await requireSide(tx, context, visit, { move: 'accept' })
    requireVersion(visit, chosen.version)
    const to = statusAfter(context, visit, 'accept')
    const window = visit.windows.find((offered) => offered.id === chosen.windowId)
    if (!window) throw unknownWindow()
    const { startsAt, endsAt } = window
    if (startsAt <= context.now) throw windowPassed()
    await requirePreconditions(tx, context, visit)
    const times = { windowId: window.id, startsAt, endsAt, ...spanOf([window]) }
    const accepted = await changeVisit(
      tx,
      context,
      visit,
      acting,
      { status: to, ...times },
      entry(visit, 'accept', to),
    )
    const busy = await holdComing(tx, context, { visitId: id, startsAt, endsAt })
    return { ...accepted, expectedElsewhere: expectedElsewhere(busy, acting.side) }
  })
}

export type Rescheduling = RescheduleVisit & { version: Precondition }

/** New windows by either side; what was held and confirmed for the old ones is void. */
export function rescheduleVisit(context: ActionContext, id: string, asked: Rescheduling) {
  return transaction(context, async (tx) => {
    const visit = await lockReadable(tx, context, id)
    const acting = await requireSide(tx, context, visit, {
      move: 'reschedule',
      organisationId: asked.organisationId,
    })
    requireVersion(visit, asked.version)
    const to = statusAfter(context, visit, 'reschedule')
    const timeZone = asked.timeZone ?? visit.timeZone
    const { windows, faults } = readWindows(asked.windows, timeZone, context.now)
    if (faults.length > 0) throw invalidBecause(...faults)
    await requirePreconditions(tx, context, visit)
    await releaseBookings(tx, context, ofVisit(id))
    const undecided = { windowId: null, startsAt: null, endsAt: null, confirmedBy: [] }
    const offered = { timeZone, zoneDataVersion: zoneRules.version, windows, ...spanOf(windows) }
    const change = { status: to, offeredBy: acting.side, ...offered, ...undecided }
    const another = timeZone !== visit.timeZone && { timeZone: { before: visit.timeZone, after: timeZone } }
    return changeVisit(tx, context, visit, acting, change, {
      ...entry(visit, 'reschedule', to, asked.reason),
      ...(another && { details: another }),
    })
  })
}

/** Called by a job: a confirmed visit begins when its time has come. */
export const visitStarts: Sweep = {
  due: visitsToStart,
  carryOut: async (tx, context, id) =>
    recordSwept(tx, context, await startVisit(tx, id, context.now), {
      move: 'start',
      from: 'confirmed',
      to: 'in_progress',
    }),
}

/** Called by a job: a visit that is over is completed, and may be reported. */
export const visitCompletions: Sweep = {
  due: visitsToComplete,
  carryOut: async (tx, context, id) =>
    recordSwept(tx, context, await completeVisit(tx, id, context.now), {
      move: 'complete',
      from: 'in_progress',
      to: 'completed',
    }),
}

type Swept = { id: string; version: number; hostId: string }
type Transition = { move: VisitMove; from: VisitStatus; to: VisitStatus }

async function recordSwept(
  tx: Tx,
  context: ActionContext,
  visit: Swept | undefined,
  transition: Transition,
): Promise<boolean> {
  if (!visit) return false
  await record(tx, context, {
    type: 'visit.moved',
    subjectId: visit.id,
    subjectVersion: visit.version,
    organisationId: visit.hostId,
    transition,
  })
  return true
}

const entry = (visit: LockedVisit, move: VisitMove, to: VisitStatus, reason?: string) =>
  ({ type: 'visit.moved', transition: { move, from: visit.status, to, reason } }) as const

const hasBegun = (visit: LockedVisit, now: string): boolean =>
  visit.startsAt !== null && visit.startsAt <= now

async function freeParticipants(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  to: VisitStatus,
): Promise<void> {
  if (to === 'completed') await shortenBookings(tx, context, ofVisit(visit.id))
  if (!isCalledOff({ status: to })) return
  await releaseAll(tx, context, visit.id)
  // Of those who had come already.
  await releaseBookings(tx, context, ofVisit(visit.id))
}

/** One's own by name, so that they can be made free or replaced; of the other side's only that there are some. */
const expectedElsewhere = (busy: readonly Guest[], side: Side) => ({
  ofYours: busy
    .filter((guest) => guest.side === side)
    .map(({ participantId, name }) => ({
      id: participantId,
      name,
      url: `/v1/visit-participants/${participantId}`,
    })),
  ofTheOthers: busy.filter((guest) => guest.side !== side).length,
})

const reasonMissing = () =>
  invalidBecause({ pointer: '/reason', code: 'required', detail: 'is required to cancel a visit' })

const unknownWindow = () =>
  invalidBecause({
    pointer: '/windowId',
    code: 'unknown_window',
    detail: 'is not one of the current windows of the visit',
  })
