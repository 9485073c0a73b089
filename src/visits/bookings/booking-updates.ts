/** Every change of bookings, each with a ledger entry. */
import { and, type SQL } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { recordAll } from '../../platform/ledger/ledger.ts'
import {
  confirmHeldBookings,
  insertHoldsWhereFree,
  insertBooking,
  hasNotStarted,
  isOfVisit,
  releaseLiveBookings,
  updateLiveBooking,
  retimeLiveBookings,
  shortenStartedBookings,
  isExpiredHold,
  type ChangedBooking,
  type VisitPeriod,
  type Attendee,
} from './queries.ts'
import type { LiveBookingStatus } from './tables.ts'

/** Updates the live booking of the participant, or inserts one. Throws 409 `delegate_double_booked`. */
export async function holdOrConfirmBooking(
  tx: Tx,
  context: ActionContext,
  occasion: VisitPeriod,
  traveller: Attendee,
  status: LiveBookingStatus,
): Promise<void> {
  const renewed = await updateLiveBooking(tx, context, traveller.participantId, status)
  const written = renewed.length > 0 ? renewed : await insertBooking(tx, context, occasion, traveller, status)
  recordBookings(tx, context, status, written)
}

/** Books those who are free at that time, and returns the ids of these participants. */
export async function holdAvailable(
  tx: Tx,
  context: ActionContext,
  occasion: VisitPeriod,
  travellers: readonly Attendee[],
): Promise<string[]> {
  const held = await insertHoldsWhereFree(tx, context, occasion, travellers)
  recordBookings(tx, context, 'held', held)
  return participantsOf(held)
}

export async function confirmBookings(tx: Tx, context: ActionContext, visitId: string): Promise<void> {
  recordBookings(tx, context, 'confirmed', await confirmHeldBookings(tx, context.now, visitId))
}

/** Moves bookings to other instants, after a change of zone rules. */
export async function retimeBookings(
  tx: Tx,
  context: ActionContext,
  ids: string[],
  times: { startsAt: string; endsAt: string },
): Promise<void> {
  if (ids.length > 0)
    recordBookings(tx, context, 'retimed', await retimeLiveBookings(tx, context.now, ids, times))
}

export async function releaseBookings(tx: Tx, context: ActionContext, whose: SQL): Promise<void> {
  recordBookings(tx, context, 'released', await releaseLiveBookings(tx, context.now, whose))
}

/** Ends bookings now, for participants who finish early. */
export async function shortenBookings(tx: Tx, context: ActionContext, whose: SQL): Promise<void> {
  recordBookings(tx, context, 'shortened', await shortenStartedBookings(tx, context.now, whose))
  // A range that ends where it begins is empty, so bookings that have not begun are released instead.
  recordBookings(
    tx,
    context,
    'released',
    await releaseLiveBookings(tx, context.now, bothConditions(whose, hasNotStarted(context.now))),
  )
}

/** Releases expired holds, and returns the ids of their participants. */
export async function expireBookings(tx: Tx, context: ActionContext, visitId: string): Promise<string[]> {
  const expired = await releaseLiveBookings(
    tx,
    context.now,
    bothConditions(isOfVisit(visitId), isExpiredHold(context.now)),
  )
  recordBookings(tx, context, 'expired', expired)
  return participantsOf(expired)
}

const participantsOf = (written: readonly ChangedBooking[]): string[] =>
  written.map((booking) => booking.participantId)

const bothConditions = (one: SQL, other: SQL | undefined): SQL => and(one, other) ?? one

type BookingEvent = LiveBookingStatus | 'released' | 'retimed' | 'shortened' | 'expired'

const recordBookings = (
  tx: Tx,
  context: ActionContext,
  what: BookingEvent,
  written: readonly ChangedBooking[],
): void =>
  recordAll(
    tx,
    context,
    written.map(({ id, version, organisationId, visitId, participantId }) => ({
      type: `booking.${what}`,
      subjectId: id,
      subjectVersion: version,
      organisationId,
      details: { visitId, participantId },
    })),
  )
