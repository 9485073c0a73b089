import { and, eq, inArray, isNotNull, notInArray, sql } from 'drizzle-orm'
import { daysAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { absentStatuses } from '../participants/lifecycle.ts'
import { visitParticipants } from '../participants/tables.ts'
import { visits } from '../tables.ts'
import { itineraries } from './tables.ts'

/** An itinerary is of use to those who travel, and afterwards to nobody but those who look for them. */
export const itineraryDaysKept = 14

export async function itineraryOf(db: Db, visitId: string) {
  const [row] = await db.select().from(itineraries).where(eq(itineraries.visitId, visitId))
  return row
}

export async function lockItinerary(tx: Tx, visitId: string) {
  const [row] = await tx.select().from(itineraries).where(eq(itineraries.visitId, visitId)).for('update')
  return row
}

export type ItineraryRow = NonNullable<Awaited<ReturnType<typeof itineraryOf>>>

/** Whether the person has agreed to come, and has not been let go. */
export async function takesPartIn(db: Db, visitId: string, delegateId: string): Promise<boolean> {
  const rows = await db
    .select({ id: visitParticipants.id })
    .from(visitParticipants)
    .where(
      and(
        eq(visitParticipants.visitId, visitId),
        eq(visitParticipants.delegateId, delegateId),
        isNotNull(visitParticipants.agreedAt),
        notInArray(visitParticipants.status, [...absentStatuses]),
      ),
    )
    .limit(1)
  return rows.length > 0
}

/** Of a visit that is called off it goes with that; the clock forgets what was left of earlier ones. */
const isOver = (now: string) =>
  sql`(${visits.status} in ('declined', 'cancelled') or ${visits.spanEndsAt} < ${daysAfter(now, -itineraryDaysKept)}::timestamptz)`

export const expiredItineraries = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: itineraries.id })
    .from(itineraries)
    .innerJoin(visits, eq(visits.id, itineraries.visitId))
    .where(and(isOver(now), notInArray(itineraries.id, [...except])))
    .orderBy(visits.spanEndsAt, itineraries.id)
    .limit(limit)

/** Deletes it, unless someone else is at it just now. */
export async function deleteExpired(tx: Tx, id: string, now: string) {
  const free = tx
    .select({ id: itineraries.id })
    .from(itineraries)
    .innerJoin(visits, eq(visits.id, itineraries.visitId))
    .where(and(eq(itineraries.id, id), isOver(now)))
    .for('update', { of: itineraries, skipLocked: true })
  const [deleted] = await tx.delete(itineraries).where(inArray(itineraries.id, free)).returning()
  return deleted
}
