/** Called by a job: when zone rules change, visits keep their local times, and their instants and bookings are computed again. */
import type { ActionContext } from '../platform/actions/action-context.ts'
import type { Clock } from '../platform/clock.ts'
import type { Tx } from '../platform/database/database.ts'
import type { Report } from '../platform/jobs/queue.ts'
import { updateVersion } from '../platform/ledger/versioned-update.ts'
import { sweep, type Sweep } from '../platform/jobs/sweeps.ts'
import type { ZoneRules } from '../platform/wire/zones.ts'
import { releaseBookings, retimeBookings } from './bookings/booking-updates.ts'
import {
  bookingsOfWholePeriod,
  bookingsElsewhere,
  isOfParticipants,
  lockDelegates,
} from './bookings/queries.ts'
import { retimableStatuses, type VisitStatus } from './lifecycle.ts'
import { participantStatesOfVisit } from './participants/queries.ts'
import { lapseUnbooked } from './participants/release.ts'
import { tryLockVisit, stampZoneData, visitsToRetime, type LockedVisit } from './queries.ts'
import { retimeWindows, type RetimedWindow } from './retimed-windows.ts'
import { visits } from './tables.ts'
import { spanOf } from './windows.ts'

/**
 * Retimes every visit that is not over. A visit whose new time is taken by another one that must still be retimed waits for it.
 * If visits wait for each other in a circle, the first one loses its bookings.
 */
export async function retimeVisits(
  rules: ZoneRules,
  context: ActionContext,
  tell: Report,
  clock: Clock,
): Promise<void> {
  let round: RetimingRound
  do {
    round = { done: 0, waiting: 0, waits: true }
    await sweep(context, retimeSweep(rules, round), tell, clock)
  } while (round.waiting > 0 && round.done > 0)
  if (round.waiting > 0) await sweep(context, retimeSweep(rules, { ...round, waits: false }), tell, clock)
}

type RetimingRound = { done: number; waiting: number; readonly waits: boolean }

const retimeSweep = (rules: ZoneRules, round: RetimingRound): Sweep => ({
  due: (db, batch) => visitsToRetime(db, batch, rules.version),
  carryOut: async (tx, context, id) => {
    const visit = await tryLockVisit(tx, id)
    if (!visit || !hasOlderZoneData(visit, rules)) return false
    const { windows, retimed } = retimeWindows(visit.windows, visit.timeZone, rules, context.now)
    if (retimed.length === 0) {
      await stampZoneData(tx, id, rules.version)
      round.done++
      return true
    }
    const times = retimedTimes(visit, windows)
    const plan = await planBookings(tx, context, visit, times, rules, round.waits)
    if (plan === 'later') {
      round.waiting++
      return false
    }
    await applyBookingPlan(tx, context, visit, times, plan)
    await updateVersion(
      tx,
      context,
      visits,
      visit,
      { windows, ...times, zoneDataVersion: rules.version },
      {
        type: 'visit.moved',
        organisationId: visit.hostId,
        transition: { move: 'retime', from: visit.status, to: visit.status },
        details: detailsOf(visit, rules, retimed, plan.busy.length),
      },
    )
    round.done++
    return true
  },
})

const hasOlderZoneData = (
  visit: { status: VisitStatus; zoneDataVersion: string },
  rules: ZoneRules,
): boolean =>
  retimableStatuses.some((status) => status === visit.status) && visit.zoneDataVersion < rules.version

function retimedTimes(visit: LockedVisit, windows: LockedVisit['windows']) {
  const chosen = windows.find((window) => window.id === visit.windowId)
  if (!chosen) return { startsAt: null, endsAt: null, ...spanOf(windows) }
  return { startsAt: chosen.startsAt, endsAt: chosen.endsAt, ...spanOf([chosen]) }
}

/** Bookings that move with the visit, and those of delegates who are booked elsewhere at the new time. */
type Booked = { id: string; participantId: string; delegateId: string }
type BookingPlan = { moving: Booked[]; busy: Booked[] }
type Times = { startsAt: string | null; endsAt: string | null }

async function planBookings(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  { startsAt, endsAt }: Times,
  rules: ZoneRules,
  waits: boolean,
): Promise<BookingPlan | 'later'> {
  const nobody = { moving: [], busy: [] }
  if (visit.startsAt === null || visit.endsAt === null || startsAt === null || endsAt === null) return nobody
  if (visit.startsAt === startsAt && visit.endsAt === endsAt) return nobody
  const before = { visitId: visit.id, startsAt: visit.startsAt, endsAt: visit.endsAt }
  const delegateIds = (await bookingsOfWholePeriod(tx, before)).map(({ delegateId }) => delegateId)
  if (delegateIds.length === 0) return nobody
  await lockDelegates(tx, delegateIds)
  const booked = await bookingsOfWholePeriod(tx, before)
  const elsewhere = await bookingsElsewhere(tx, visit.id, delegateIds, { startsAt, endsAt })
  if (waits && elsewhere.some((other) => hasOlderZoneData(other, rules))) return 'later'
  const isBusy = ({ delegateId }: Booked) => elsewhere.some((other) => other.delegateId === delegateId)
  // In a visit that has begun, participants keep their old bookings.
  const busy = visit.startsAt <= context.now ? [] : booked.filter(isBusy)
  return { moving: booked.filter((one) => !isBusy(one)), busy }
}

/** Applies the plan. The visit stays confirmed; participants who are booked elsewhere must be made ready again or replaced. */
async function applyBookingPlan(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  { startsAt, endsAt }: Times,
  { moving, busy }: BookingPlan,
): Promise<void> {
  if (startsAt === null || endsAt === null) return
  const ids = busy.map(({ participantId }) => participantId)
  if (ids.length > 0) {
    await releaseBookings(tx, context, isOfParticipants(ids))
    const guests = await participantStatesOfVisit(tx, visit.id)
    await lapseUnbooked(
      tx,
      context,
      guests.filter(({ participantId }) => ids.includes(participantId)),
    )
  }
  await retimeBookings(
    tx,
    context,
    moving.map(({ id }) => id),
    { startsAt, endsAt },
  )
}

/** Both sides can read these details for ever, so they count people without names and contain no times. */
const detailsOf = (
  visit: LockedVisit,
  rules: ZoneRules,
  windows: readonly RetimedWindow[],
  expectedElsewhere: number,
) => ({
  zoneData: { before: visit.zoneDataVersion === '' ? null : visit.zoneDataVersion, after: rules.version },
  windows,
  expectedElsewhere,
})
