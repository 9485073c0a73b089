/** Every change of bookings, with an entry of each: who was expected where can be told afterwards. */
import { and, type SQL } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { recordAll } from '../../platform/ledger/ledger.ts'
import {
  confirmHeld,
  holdWhereFree,
  insertBooking,
  notBegun,
  ofVisit,
  releaseLive,
  renewBooking,
  retimeLive,
  shortenBegun,
  isExpiredHold,
  type ChangedBooking,
  type Occasion,
  type Traveller,
} from './queries.ts'
import type { LiveBookingStatus } from './tables.ts'

/** Renews what the participant has, or books anew; 409 `delegate_double_booked` when they are expected elsewhere. */
export async function holdOrConfirm(
  tx: Tx,
  context: ActionContext,
  occasion: Occasion,
  traveller: Traveller,
  status: LiveBookingStatus,
): Promise<void> {
  const renewed = await renewBooking(tx, context, traveller.participantId, status)
  const written = renewed.length > 0 ? renewed : await insertBooking(tx, context, occasion, traveller, status)
  await recordBookings(tx, context, status, written)
}

/** Holds the time of those who have it free, and tells which participants they are. */
export async function holdFree(
  tx: Tx,
  context: ActionContext,
  occasion: Occasion,
  travellers: readonly Traveller[],
): Promise<string[]> {
  const held = await holdWhereFree(tx, context, occasion, travellers)
  await recordBookings(tx, context, 'held', held)
  return participantsOf(held)
}

export async function confirmBookings(tx: Tx, context: ActionContext, visitId: string): Promise<void> {
  await recordBookings(tx, context, 'confirmed', await confirmHeld(tx, context.now, visitId))
}

/** The same time by the clock on the wall, at other instants. */
export async function retimeBookings(
  tx: Tx,
  context: ActionContext,
  ids: string[],
  times: { startsAt: string; endsAt: string },
): Promise<void> {
  if (ids.length > 0)
    await recordBookings(tx, context, 'retimed', await retimeLive(tx, context.now, ids, times))
}

export async function releaseBookings(tx: Tx, context: ActionContext, whose: SQL): Promise<void> {
  await recordBookings(tx, context, 'released', await releaseLive(tx, context.now, whose))
}

/** Whoever is done early is free from now on. */
export async function shortenBookings(tx: Tx, context: ActionContext, whose: SQL): Promise<void> {
  await recordBookings(tx, context, 'shortened', await shortenBegun(tx, context.now, whose))
  // A range that ends where it begins is empty, and would not say when.
  await recordBookings(
    tx,
    context,
    'released',
    await releaseLive(tx, context.now, both(whose, notBegun(context.now))),
  )
}

/** Releases the holds whose time has run out, and tells whose they were. */
export async function expireBookings(tx: Tx, context: ActionContext, visitId: string): Promise<string[]> {
  const expired = await releaseLive(tx, context.now, both(ofVisit(visitId), isExpiredHold(context.now)))
  await recordBookings(tx, context, 'expired', expired)
  return participantsOf(expired)
}

const participantsOf = (written: readonly ChangedBooking[]): string[] =>
  written.map((booking) => booking.participantId)

const both = (one: SQL, other: SQL | undefined): SQL => and(one, other) ?? one

type Happening = LiveBookingStatus | 'released' | 'retimed' | 'shortened' | 'expired'

const recordBookings = (
  tx: Tx,
  context: ActionContext,
  what: Happening,
  written: readonly ChangedBooking[],
): Promise<void> =>
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
