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

/** The days until a held booking expires without confirmation. */
export const holdDays = 7

export type VisitPeriod = { visitId: string; startsAt: string; endsAt: string }
export type Attendee = { participantId: string; delegateId: string }

export const isOfVisit = (visitId: string): SQL => eq(bookings.visitId, visitId)
export const isOfParticipants = (participantIds: string[]): SQL =>
  inArray(bookings.participantId, participantIds)

/**
 * Serialises bookings of one delegate. With the exclusion constraint alone, two of them could deadlock. Not FOR UPDATE, because
 * new participants refer to this row.
 */
export const lockDelegates = (tx: Tx, delegateIds: string[]) =>
  tx
    .select({ id: delegates.id })
    .from(delegates)
    .where(inArray(delegates.id, delegateIds))
    .orderBy(delegates.id)
    .for('no key update')

/** Inserts a booking. The exclusion constraint throws 409 `delegate_double_booked`. */
export const insertBooking = (
  tx: Tx,
  context: ActionContext,
  occasion: VisitPeriod,
  traveller: Attendee,
  status: LiveBookingStatus,
) =>
  tx
    .insert(bookings)
    .values(newBooking(context, occasion, traveller, status))
    .returning(changedColumns)

/** Inserts holds for those who are free, and nothing for the others. */
export const insertHoldsWhereFree = (
  tx: Tx,
  context: ActionContext,
  occasion: VisitPeriod,
  travellers: readonly Attendee[],
) =>
  tx
    .insert(bookings)
    .values(travellers.map((traveller) => newBooking(context, occasion, traveller, 'held')))
    .onConflictDoNothing()
    .returning(changedColumns)

/** Sets the status of the participant's live booking. */
export const updateLiveBooking = (
  tx: Tx,
  context: ActionContext,
  participantId: string,
  status: LiveBookingStatus,
) =>
  tx
    .update(bookings)
    .set({ status, holdUntil: holdUntil(context, status), ...versionRaised(context.now) })
    .where(and(eq(bookings.participantId, participantId), live))
    .returning(changedColumns)

export const confirmHeldBookings = (tx: Tx, now: string, visitId: string) =>
  tx
    .update(bookings)
    .set({ status: 'confirmed', holdUntil: null, ...versionRaised(now) })
    .where(and(isOfVisit(visitId), isIn(bookings.status, 'held')))
    .returning(changedColumns)

export const releaseLiveBookings = (tx: Tx, now: string, whose: SQL) =>
  tx
    .update(bookings)
    .set({ status: 'released', holdUntil: null, ...versionRaised(now) })
    .where(and(whose, live))
    .returning(changedColumns)

/** Ends started bookings now. The time that was used stays recorded. */
export const shortenStartedBookings = (tx: Tx, now: string, whose: SQL) =>
  tx
    .update(bookings)
    .set({ during: sql`tstzrange(lower(${bookings.during}), ${now})`, ...versionRaised(now) })
    .where(
      and(
        whose,
        live,
        sql`${bookings.during} @> ${now}::timestamptz and lower(${bookings.during}) < ${now}::timestamptz`,
      ),
    )
    .returning(changedColumns)

/** Matches bookings that have not started. */
export const hasNotStarted = (now: string): SQL => sql`lower(${bookings.during}) >= ${now}::timestamptz`

type Times = { startsAt: string; endsAt: string }

/** Finds bookings with exactly this period. A participant who went home early has a shorter one and keeps it. */
export const bookingsOfWholePeriod = (tx: Tx, { visitId, startsAt, endsAt }: VisitPeriod) =>
  tx
    .select({ id: bookings.id, participantId: bookings.participantId, delegateId: bookings.delegateId })
    .from(bookings)
    .where(and(isOfVisit(visitId), live, sql`${bookings.during} = tstzrange(${startsAt}, ${endsAt})`))

/** Finds bookings of these delegates at other visits in that period, with the zone data of those visits. */
export const bookingsElsewhere = (
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

export const retimeLiveBookings = (tx: Tx, now: string, ids: string[], { startsAt, endsAt }: Times) =>
  tx
    .update(bookings)
    .set({ during: `[${startsAt},${endsAt})`, ...versionRaised(now) })
    .where(and(inArray(bookings.id, ids), live))
    .returning(changedColumns)

export const visitsWithExpiredHolds = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: bookings.visitId })
    .from(bookings)
    .where(and(isExpiredHold(now), notInArray(bookings.visitId, [...except])))
    .groupBy(bookings.visitId)
    .orderBy(sql`min(${bookings.holdUntil})`)
    .limit(limit)

/** Matches holds that have expired. */
export const isExpiredHold = (now: string) => and(isIn(bookings.status, 'held'), lte(bookings.holdUntil, now))

const live = isIn(bookings.status, ...liveBookingStatuses)

/** What the ledger entry of a changed booking needs, with the organisation of the participant. */
const changedColumns = {
  id: bookings.id,
  version: bookings.version,
  visitId: bookings.visitId,
  participantId: bookings.participantId,
  organisationId: sql<string>`(select case participant.side when 'host' then visit.host_id else visit.visitor_id end
    from ${visitParticipants} participant join ${visits} visit on visit.id = participant.visit_id
    where participant.id = bookings.participant_id)`,
}

export type ChangedBooking = Awaited<ReturnType<typeof confirmHeldBookings>>[number]

const versionRaised = (now: string) => ({ version: sql`${bookings.version} + 1`, updatedAt: now })

const newBooking = (
  context: ActionContext,
  { visitId, startsAt, endsAt }: VisitPeriod,
  traveller: Attendee,
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
