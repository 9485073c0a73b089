/** Keeping the time of delegates free for a visit. Called inside the transactions of visits and participants. */
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { coming } from '../participants/lifecycle.ts'
import { guestsOfVisit, type Guest } from '../participants/queries.ts'
import { lapse } from '../participants/release.ts'
import { lockFreeVisit } from '../queries.ts'
import { expireBookings, holdFree, holdOrConfirm } from './booking-updates.ts'
import { lockDelegates, visitsWithStaleHolds, type Occasion, type Traveller } from './queries.ts'
import type { LiveBookingStatus } from './tables.ts'

/** A visit as far as bookings go; without times there is nothing to hold yet. */
type Dated = { id: string; startsAt: string | null; endsAt: string | null }

/** Holds or confirms one participant's time; 409 `delegate_double_booked` when they are expected elsewhere. */
export async function book(
  tx: Tx,
  context: ActionContext,
  visit: Dated,
  traveller: Traveller,
  status: LiveBookingStatus,
) {
  const { id: visitId, startsAt, endsAt } = visit
  if (startsAt === null || endsAt === null) return
  await lockDelegates(bypassRls(tx), [traveller.delegateId])
  await holdOrConfirm(tx, context, { visitId, startsAt, endsAt }, traveller, status)
}

/**
 * Holds the window that was just chosen for all who are coming, and tells who of them is expected elsewhere then. The
 * window may be chosen nevertheless, for the side that chooses cannot know of the other's; but they are not ready.
 */
export async function holdComing(tx: Tx, context: ActionContext, occasion: Occasion): Promise<Guest[]> {
  const guests = (await guestsOfVisit(tx, occasion.visitId)).filter((guest) => coming.includes(guest.status))
  if (guests.length === 0) return []
  await lockDelegates(
    bypassRls(tx),
    guests.map((guest) => guest.delegateId),
  )
  const held = await holdFree(tx, context, occasion, guests)
  const busy = guests.filter((guest) => !held.includes(guest.participantId))
  await lapse(tx, context, busy)
  return busy
}

/**
 * Called by a job: holds end after seven days without confirmation. Who was ready must be made ready again; who only
 * agreed, or waits for a visa, stays that and is held anew by the next step.
 */
export const holdExpiries: Sweep = {
  due: visitsWithStaleHolds,
  carryOut: async (tx, context, visitId) => {
    if (!(await lockFreeVisit(tx, visitId))) return false
    const expired = await expireBookings(tx, context, visitId)
    const guests = await guestsOfVisit(tx, visitId)
    await lapse(
      tx,
      context,
      guests.filter((guest) => expired.includes(guest.participantId)),
    )
    return expired.length > 0
  },
}
