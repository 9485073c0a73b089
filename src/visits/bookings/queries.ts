import { and, eq, inArray, lte, ne, notInArray, sql, type SQL } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { delegates } from '../../delegates/tables.ts'
import { visitParticipants } from '../participants/tables.ts'
import { visits } from '../tables.ts'
import { bookings, liveBookingStatuses, type LiveBookingStatus } from './tables.ts'

/** How long a delegate's time is held for a visit that is not confirmed yet. */
export const holdDays = 7

export type Occasion = { visitId: string; startsAt: string; endsAt: string }
export type Traveller = { participantId: string; delegateId: string }

export const ofVisit = (visitId: string): SQL => eq(bookings.visitId, visitId)
export const ofParticipants = (participantIds: string[]): SQL =>
  inArray(bookings.participantId, participantIds)

/**
 * Bookings of one delegate wait for each other here. The exclusion constraint alone would keep them apart too, but
 * two that wait for each other's rows inside it end in a deadlock. Not FOR UPDATE: new participants refer to this row.
 */
export const lockDelegates = (tx: Tx, delegateIds: string[]) =>
  tx
    .select({ id: delegates.id })
    .from(delegates)
    .where(inArray(delegates.id, delegateIds))
    .orderBy(delegates.id)
    .for('no key update')

/** 409 `delegate_double_booked`, by the exclusion constraint, when one of them is expected elsewhere. */
export const insertBooking = (
  tx: Tx,
  context: ActionContext,
  occasion: Occasion,
  traveller: Traveller,
  status: LiveBookingStatus,
) =>
  tx
    .insert(bookings)
    .values(newBooking(context, occasion, traveller, status))
    .returning(changed)

/** Holds the time of those who have it free, and of the others nothing. */
export const holdWhereFree = (
  tx: Tx,
  context: ActionContext,
  occasion: Occasion,
  travellers: readonly Traveller[],
) =>
  tx
    .insert(bookings)
    .values(travellers.map((traveller) => newBooking(context, occasion, traveller, 'held')))
    .onConflictDoNothing()
    .returning(changed)

/** Holds, or confirms, what the participant has already. */
export const renewBooking = (
  tx: Tx,
  context: ActionContext,
  participantId: string,
  status: LiveBookingStatus,
) =>
  tx
    .update(bookings)
    .set({ status, holdUntil: holdUntil(context, status), ...changing(context.now) })
    .where(and(eq(bookings.participantId, participantId), live))
    .returning(changed)

export const confirmHeld = (tx: Tx, now: string, visitId: string) =>
  tx
    .update(bookings)
    .set({ status: 'confirmed', holdUntil: null, ...changing(now) })
    .where(and(ofVisit(visitId), isIn(bookings.status, 'held')))
    .returning(changed)

export const releaseLive = (tx: Tx, now: string, whose: SQL) =>
  tx
    .update(bookings)
    .set({ status: 'released', holdUntil: null, ...changing(now) })
    .where(and(whose, live))
    .returning(changed)

/** Cuts off what is left of the time; what was spent of it stays on record. */
export const shortenBegun = (tx: Tx, now: string, whose: SQL) =>
  tx
    .update(bookings)
    .set({ during: sql`tstzrange(lower(${bookings.during}), ${now})`, ...changing(now) })
    .where(
      and(
        whose,
        live,
        sql`${bookings.during} @> ${now}::timestamptz and lower(${bookings.during}) < ${now}::timestamptz`,
      ),
    )
    .returning(changed)

/** For time of which nothing was spent. */
export const notBegun = (now: string): SQL => sql`lower(${bookings.during}) >= ${now}::timestamptz`

type Times = { startsAt: string; endsAt: string }

/** Who has exactly that time booked for the visit: whoever went home early has less, and keeps it. */
export const bookedThroughout = (tx: Tx, { visitId, startsAt, endsAt }: Occasion) =>
  tx
    .select({ id: bookings.id, participantId: bookings.participantId, delegateId: bookings.delegateId })
    .from(bookings)
    .where(and(ofVisit(visitId), live, sql`${bookings.during} = tstzrange(${startsAt}, ${endsAt})`))

/** Which of these delegates are expected at another visit then, and by which zone data the times of that one are. */
export const expectedElsewhere = (
  tx: Tx,
  visitId: string,
  delegateIds: string[],
  { startsAt, endsAt }: Times,
) =>
  tx
    .select({
      delegateId: bookings.delegateId,
      status: visits.status,
      zoneDataVersion: visits.zoneDataVersion,
    })
    .from(bookings)
    .innerJoin(visits, eq(visits.id, bookings.visitId))
    .where(
      and(
        inArray(bookings.delegateId, delegateIds),
        ne(bookings.visitId, visitId),
        live,
        sql`${bookings.during} && tstzrange(${startsAt}, ${endsAt})`,
      ),
    )

export const retimeLive = (tx: Tx, now: string, ids: string[], { startsAt, endsAt }: Times) =>
  tx
    .update(bookings)
    .set({ during: `[${startsAt},${endsAt})`, ...changing(now) })
    .where(and(inArray(bookings.id, ids), live))
    .returning(changed)

export const visitsWithStaleHolds = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: bookings.visitId })
    .from(bookings)
    .where(and(isExpiredHold(now), notInArray(bookings.visitId, [...except])))
    .groupBy(bookings.visitId)
    .orderBy(sql`min(${bookings.holdUntil})`)
    .limit(limit)

/** Holds whose time has run out, without another word of confirmation. */
export const isExpiredHold = (now: string) => and(isIn(bookings.status, 'held'), lte(bookings.holdUntil, now))

const live = isIn(bookings.status, ...liveBookingStatuses)

/** What the ledger is told of a booking that was written: also for whom the delegate would have travelled. */
const changed = {
  id: bookings.id,
  version: bookings.version,
  visitId: bookings.visitId,
  participantId: bookings.participantId,
  organisationId: sql<string>`(select case participant.side when 'host' then visit.host_id else visit.visitor_id end
    from ${visitParticipants} participant join ${visits} visit on visit.id = participant.visit_id
    where participant.id = bookings.participant_id)`,
}

export type ChangedBooking = Awaited<ReturnType<typeof confirmHeld>>[number]

const changing = (now: string) => ({ version: sql`${bookings.version} + 1`, updatedAt: now })

const newBooking = (
  context: ActionContext,
  { visitId, startsAt, endsAt }: Occasion,
  traveller: Traveller,
  status: LiveBookingStatus,
) => ({
  id: randomId(),
  createdAt: context.now,
  updatedAt: context.now,
  status,
  visitId,
  participantId: traveller.participantId,
  delegateId: traveller.delegateId,
  during: `[${startsAt},${endsAt})`,
  holdUntil: holdUntil(context, status),
})

const holdUntil = (context: ActionContext, status: LiveBookingStatus) =>
  status === 'held' ? daysAfter(context.now, holdDays) : null
