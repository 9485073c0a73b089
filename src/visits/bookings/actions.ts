/** Keeping the time of delegates free for a visit. Called inside the transactions of visits and participants. */
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { comingStatuses } from '../participants/lifecycle.ts'
import { participantStatesOfVisit, type ParticipantState } from '../participants/queries.ts'
import { lapseUnbooked } from '../participants/release.ts'
import { tryLockVisit } from '../queries.ts'
import { expireBookings, holdAvailable, holdOrConfirmBooking } from './booking-updates.ts'
import { lockDelegates, visitsWithExpiredHolds, type VisitPeriod, type Attendee } from './queries.ts'
import type { LiveBookingStatus } from './tables.ts'

/** A visit as far as bookings go; without times there is nothing to hold yet. */
type VisitTimes = { id: string; startsAt: string | null; endsAt: string | null }

/** Holds or confirms one participant's time; 409 `delegate_double_booked` when they are expected elsewhere. */
export async function bookParticipant(
  tx: Tx,
  context: ActionContext,
  visit: VisitTimes,
  traveller: Attendee,
  status: LiveBookingStatus,
) {
  const { id: visitId, startsAt, endsAt } = visit
  if (startsAt === null || endsAt === null) return
  await lockDelegates(bypassRls(tx), [traveller.delegateId])
  await holdOrConfirmBooking(tx, context, { visitId, startsAt, endsAt }, traveller, status)
}

/**
 * Holds the window that was just chosen for all who are coming, and tells who of them is expected elsewhere then. The
 * window may be chosen nevertheless, for the side that chooses cannot know of the other's; but they are not ready.
 */
export async function holdForParticipants(
  tx: Tx,
  context: ActionContext,
  occasion: VisitPeriod,
): Promise<ParticipantState[]> {
  const guests = (await participantStatesOfVisit(tx, occasion.visitId)).filter((guest) =>
    comingStatuses.includes(guest.status),
  )
  if (guests.length === 0) return []
  await lockDelegates(
    bypassRls(tx),
    guests.map((guest) => guest.delegateId),
  )
  const held = await holdAvailable(tx, context, occasion, guests)
  const busy = guests.filter((guest) => !held.includes(guest.participantId))
  await lapseUnbooked(tx, context, busy)
  return busy
}

/**
 * Called by a job: holds end after seven days without confirmation. Who was ready must be made ready again; who only
 * agreed, or waits for a visa, stays that and is held anew by the next step.
 */
export const holdExpirySweep: Sweep = {
  due: visitsWithExpiredHolds,
  carryOut: async (tx, context, visitId) => {
    if (!(await tryLockVisit(tx, visitId))) return false
    const expired = await expireBookings(tx, context, visitId)
    const guests = await participantStatesOfVisit(tx, visitId)
    await lapseUnbooked(
      tx,
      context,
      guests.filter((guest) => expired.includes(guest.participantId)),
    )
    return expired.length > 0
  },
}
