import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/pages.ts'
import { referenceTo, urlOf } from '../../platform/references.ts'
import { mandates } from '../../delegates/mandates/tables.ts'
import { delegates } from '../../delegates/tables.ts'
import { organisations } from '../../organisations/tables.ts'
import { bookings, liveBookingStatuses, type LiveBookingStatus } from '../bookings/tables.ts'
import { visits } from '../tables.ts'
import type { ParticipantStatus } from './lifecycle.ts'
import type { ParticipantListParameters } from './schemas.ts'
import { visitParticipants } from './tables.ts'

const shown = {
  id: visitParticipants.id,
  version: visitParticipants.version,
  createdAt: visitParticipants.createdAt,
  updatedAt: visitParticipants.updatedAt,
  url: urlOf('visit-participants', visitParticipants.id),
  status: visitParticipants.status,
  visitId: visitParticipants.visitId,
  visitStatus: visits.status,
  hostId: visits.hostId,
  visitorId: visits.visitorId,
  side: visitParticipants.side,
  agreedAt: visitParticipants.agreedAt,
  delegateId: visitParticipants.delegateId,
  delegate: referenceTo('delegates', delegates.id, delegates.displayName),
  bookingStatus: sql<LiveBookingStatus | null>`${bookings.status}`,
  holdUntil: bookings.holdUntil,
}

const selectParticipants = (db: Db) =>
  db
    .select(shown)
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(delegates, eq(delegates.id, visitParticipants.delegateId))
    .leftJoin(
      bookings,
      and(eq(bookings.participantId, visitParticipants.id), inArray(bookings.status, liveBookingStatuses)),
    )

export async function participantById(db: Db, id: string) {
  const [row] = await selectParticipants(db).where(eq(visitParticipants.id, id))
  return row
}

export type ParticipantRow = NonNullable<Awaited<ReturnType<typeof participantById>>>

export async function participantsOfVisit(
  db: Db,
  visitId: string,
  query: ParticipantListParameters,
): Promise<Page<ParticipantRow>> {
  const rows = await selectParticipants(db)
    .where(
      and(
        eq(visitParticipants.visitId, visitId),
        query.status && inArray(visitParticipants.status, query.status),
        newestAfter(visitParticipants.createdAt, visitParticipants.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(visitParticipants.createdAt, visitParticipants.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function visitIdOf(tx: Tx, participantId: string): Promise<string | undefined> {
  const [row] = await tx
    .select({ visitId: visitParticipants.visitId })
    .from(visitParticipants)
    .where(eq(visitParticipants.id, participantId))
  return row?.visitId
}

/** After the visit's own lock, so that both are always taken in this order. */
export async function lockParticipant(tx: Tx, id: string) {
  const [row] = await tx.select().from(visitParticipants).where(eq(visitParticipants.id, id)).for('update')
  return row
}

/** Whether the delegate holds a live mandate there, which then lives until the transaction ends. */
export async function holdMandateOf(tx: Tx, delegateId: string, organisationId: string, today: string) {
  const rows = await tx
    .select({ id: mandates.id })
    .from(mandates)
    .innerJoin(organisations, eq(organisations.id, organisationId))
    .where(
      and(
        eq(mandates.delegateId, delegateId),
        // Mandates in the organisation that this one was merged into count for it.
        sql`${mandates.organisationId} in (${organisations.id}, ${organisations.mergedIntoId})`,
        eq(mandates.status, 'active'),
        sql`${mandates.startsOn} <= ${today}::date`,
        sql`(${mandates.endsOn} is null or ${mandates.endsOn} >= ${today}::date)`,
      ),
    )
    .limit(1)
    .for('share', { of: mandates })
  return rows.length > 0
}

/** How many are ready, and for how many the visit still waits. */
export async function readiness(tx: Tx, visitId: string): Promise<{ ready: number; waiting: number }> {
  const [counted] = await tx
    .select({
      ready: sql<number>`count(*) filter (where ${visitParticipants.status} = 'ready')::int`,
      waiting: sql<number>`count(*) filter (where ${visitParticipants.status} not in ('ready', 'refused', 'withdrawn'))::int`,
    })
    .from(visitParticipants)
    .where(eq(visitParticipants.visitId, visitId))
  return counted ?? { ready: 0, waiting: 0 }
}

const guest = { participantId: visitParticipants.id, delegateId: visitParticipants.delegateId }

export const participantsAmong = (tx: Tx, visitId: string, statuses: ParticipantStatus[]) =>
  tx
    .select(guest)
    .from(visitParticipants)
    .where(and(eq(visitParticipants.visitId, visitId), inArray(visitParticipants.status, statuses)))

export const participantsUnbooked = (tx: Tx, visitId: string) =>
  tx
    .select(guest)
    .from(visitParticipants)
    .where(
      and(
        eq(visitParticipants.visitId, visitId),
        eq(visitParticipants.status, 'ready'),
        sql`not exists (select 1 from ${bookings}
          where ${bookings.participantId} = ${visitParticipants.id} and ${bookings.status} in ('held', 'confirmed'))`,
      ),
    )

/** Moves back, in one statement, those of them who were ready. */
export const lapseReady = (tx: Tx, now: string, ids: string[]) =>
  tx
    .update(visitParticipants)
    .set({ status: 'agreed', version: sql`${visitParticipants.version} + 1`, updatedAt: now })
    .where(and(inArray(visitParticipants.id, ids), eq(visitParticipants.status, 'ready')))
    .returning({ id: visitParticipants.id, version: visitParticipants.version })
