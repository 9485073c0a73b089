/** Rescheduling a visit: either side offers new windows, also in another time zone. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import { requireVersion, type Precondition } from '../platform/ledger/versioned-update.ts'
import { invalidBecause } from '../platform/problems.ts'
import { zoneRules } from '../platform/wire/zones.ts'
import { lockReadableVisit, moveEntry, requireSide, statusAfter, updateVisit } from './actions.ts'
import { releaseBookings } from './bookings/booking-updates.ts'
import { isOfVisit } from './bookings/queries.ts'
import { requirePreconditions } from './preconditions.ts'
import type { RescheduleVisit } from './schemas.ts'
import { readWindows, spanOf } from './windows.ts'

export type Rescheduling = RescheduleVisit & { version: Precondition }

/** Either side offers new windows. Bookings and confirmations of the old window become void. */
export function rescheduleVisit(context: ActionContext, id: string, asked: Rescheduling) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, id)
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
    await releaseBookings(tx, context, isOfVisit(id))
    const undecided = { windowId: null, startsAt: null, endsAt: null, confirmedBy: [] }
    const offered = { timeZone, zoneDataVersion: zoneRules.version, windows, ...spanOf(windows) }
    const change = { status: to, offeredBy: acting.side, ...offered, ...undecided }
    const another = timeZone !== visit.timeZone && { timeZone: { before: visit.timeZone, after: timeZone } }
    return updateVisit(tx, context, visit, acting, change, {
      ...moveEntry(visit, 'reschedule', to, asked.reason),
      ...(another && { details: another }),
    })
  })
}
