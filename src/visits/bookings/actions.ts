/** Books the time of delegates for a visit, inside the transactions of visits and participants. */
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

/** The times of a visit. Without them there is nothing to book yet. */
type VisitTimes = { id: string; startsAt: string | null; endsAt: string | null }

/** Books one participant. Throws 409 `delegate_double_booked` if they are already booked elsewhere. */
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
 * Books the chosen window for all coming participants, and returns those who are booked elsewhere. They are no longer ready,
 * but the window can be chosen all the same: the choosing side cannot know the bookings of the other.
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

/** Called by a job: expires holds after seven days. A ready participant must be made ready again; others are booked by their next move. */
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
