import { and, eq, inArray, lte, sql, type SQL } from 'drizzle-orm'
import type { Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { delegates } from '../../delegates/tables.ts'
import { bookings, liveBookingStatuses, type LiveBookingStatus } from './tables.ts'

/** How long a delegate's time is held for a visit that is not confirmed yet. */
export const holdDays = 7

export type Occasion = { visitId: string; startsAt: string; endsAt: string }
export type Guest = { participantId: string; delegateId: string }

const live = inArray(bookings.status, liveBookingStatuses)

/**
 * Bookings of one delegate wait for each other here. The exclusion constraint alone would keep them apart too, but
 * two that wait for each other's rows inside it end in a deadlock. Not FOR UPDATE: new participants refer to this row.
 */
export const queueForDelegates = (tx: Tx, delegateIds: string[]) =>
  tx
    .select({ id: delegates.id })
    .from(delegates)
    .where(inArray(delegates.id, delegateIds))
    .orderBy(delegates.id)
    .for('no key update')

/** Holds, or confirms, what the participant has already. Tells whether there was a booking to renew. */
export async function renewBooking(tx: Tx, act: Act, participantId: string, status: LiveBookingStatus) {
  const renewed = await tx
    .update(bookings)
    .set({ status, holdUntil: holdUntil(act, status), version: oneMore, updatedAt: act.now })
    .where(and(eq(bookings.participantId, participantId), live))
    .returning({ id: bookings.id })
  return renewed.length > 0
}

/** 409 `delegate_double_booked`, by the exclusion constraint, when one of them is expected elsewhere. */
export async function insertBookings(
  tx: Tx,
  act: Act,
  occasion: Occasion,
  guests: Guest[],
  status: LiveBookingStatus,
) {
  await tx.insert(bookings).values(guests.map((guest) => newBooking(act, occasion, guest, status)))
}

/** Holds the time of those who have it free, and of the others nothing. */
export async function holdWhereFree(tx: Tx, act: Act, occasion: Occasion, guests: Guest[]) {
  await tx
    .insert(bookings)
    .values(guests.map((guest) => newBooking(act, occasion, guest, 'held')))
    .onConflictDoNothing()
}

export async function confirmBookings(tx: Tx, act: Act, visitId: string) {
  await tx
    .update(bookings)
    .set({ status: 'confirmed', holdUntil: null, version: oneMore, updatedAt: act.now })
    .where(and(eq(bookings.visitId, visitId), eq(bookings.status, 'held')))
}

export const ofVisit = (visitId: string): SQL => eq(bookings.visitId, visitId)
export const ofParticipant = (participantId: string): SQL => eq(bookings.participantId, participantId)

export async function releaseBookings(tx: Tx, act: Act, whose: SQL) {
  await tx
    .update(bookings)
    .set({ status: 'released', holdUntil: null, version: oneMore, updatedAt: act.now })
    .where(and(whose, live))
}

/** Whose visit is over early is free from now on; the time that was spent stays on record. */
export async function shortenBookings(tx: Tx, act: Act, whose: SQL) {
  await tx
    .update(bookings)
    .set({
      during: sql`tstzrange(lower(${bookings.during}), ${act.now})`,
      version: oneMore,
      updatedAt: act.now,
    })
    .where(
      and(
        whose,
        live,
        sql`${bookings.during} @> ${act.now}::timestamptz and lower(${bookings.during}) < ${act.now}`,
      ),
    )
}

export const visitsWithStaleHolds = (db: Db, now: string) =>
  db.selectDistinct({ visitId: bookings.visitId }).from(bookings).where(stale(now)).limit(sweptVisitsMax)

/** Releases, in one statement, every hold of the visit whose time has run out. */
export const releaseStaleHolds = (tx: Tx, now: string, visitId: string) =>
  tx
    .update(bookings)
    .set({ status: 'released', holdUntil: null, version: oneMore, updatedAt: now })
    .where(and(ofVisit(visitId), stale(now)))
    .returning({ id: bookings.id, version: bookings.version, participantId: bookings.participantId })

const stale = (now: string) => and(eq(bookings.status, 'held'), lte(bookings.holdUntil, now))

/** What one sweep takes on; the next one, a minute later, takes the rest. */
const sweptVisitsMax = 500

const newBooking = (
  act: Act,
  { visitId, startsAt, endsAt }: Occasion,
  guest: Guest,
  status: LiveBookingStatus,
) => ({
  id: blindId(),
  createdAt: act.now,
  updatedAt: act.now,
  status,
  visitId,
  participantId: guest.participantId,
  delegateId: guest.delegateId,
  during: `[${startsAt},${endsAt})`,
  holdUntil: holdUntil(act, status),
})

const holdUntil = (act: Act, status: LiveBookingStatus) =>
  status === 'held' ? daysAfter(act.now, holdDays) : null

const oneMore = sql`${bookings.version} + 1`
