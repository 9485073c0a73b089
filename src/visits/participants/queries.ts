import { and, eq, inArray, isNotNull, notInArray, sql, type SQL } from 'drizzle-orm'
import { dateOf } from '../../platform/clock.ts'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { mandates } from '../../delegates/mandates/tables.ts'
import { delegates } from '../../delegates/tables.ts'
import { isValidOn } from '../../organisations/status/queries.ts'
import { organisations } from '../../organisations/tables.ts'
import { bookings, liveBookingStatuses, type LiveBookingStatus } from '../bookings/tables.ts'
import { visits } from '../tables.ts'
import { statusesBeforeArrival, preparationStatuses, type ParticipantStatus } from './lifecycle.ts'
import type { ParticipantListParameters } from './schemas.ts'
import { visitParticipants } from './tables.ts'

const columns = {
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
  consentedAt: visitParticipants.consentedAt,
  delegateId: visitParticipants.delegateId,
  delegate: referenceTo('delegates', delegates.id, delegates.displayName),
  bookingStatus: sql<LiveBookingStatus | null>`${bookings.status}`,
  holdUntil: bookings.holdUntil,
}

const selectParticipants = (db: Db) =>
  db
    .select(columns)
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(delegates, eq(delegates.id, visitParticipants.delegateId))
    .leftJoin(
      bookings,
      and(eq(bookings.participantId, visitParticipants.id), isIn(bookings.status, ...liveBookingStatuses)),
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

/** Locks a participant. Lock the visit first, so that the order is always the same. */
export async function lockParticipant(tx: Tx, id: string) {
  const [row] = await tx.select().from(visitParticipants).where(eq(visitParticipants.id, id)).for('update')
  return row
}

/** Whether the delegate has a live mandate in the organisation. Locks it until the transaction ends. */
export async function lockMandateOf(tx: Tx, delegateId: string, organisationId: string, today: string) {
  const rows = await tx
    .select({ id: mandates.id })
    .from(mandates)
    .innerJoin(organisations, eq(organisations.id, organisationId))
    .where(and(eq(mandates.delegateId, delegateId), isLiveMandate(today)))
    .limit(1)
    .for('share', { of: mandates })
  return rows.length > 0
}

/** A participant and the organisation that answers for them. */
const stateColumns = {
  participantId: visitParticipants.id,
  version: visitParticipants.version,
  status: visitParticipants.status,
  side: visitParticipants.side,
  delegateId: visitParticipants.delegateId,
  name: delegates.displayName,
  organisationId: sql<string>`case ${visitParticipants.side} when 'host' then ${visits.hostId} else ${visits.visitorId} end`,
  /** Whether the participant is booked for the visit. */
  isBooked: sql<boolean>`exists (select 1 from ${bookings} where ${bookings.participantId} = ${visitParticipants.id}
    and ${isIn(bookings.status, ...liveBookingStatuses)})`,
}

export const participantStatesOfVisit = (tx: Tx, visitId: string) =>
  tx
    .select(stateColumns)
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(delegates, eq(delegates.id, visitParticipants.delegateId))
    .where(eq(visitParticipants.visitId, visitId))
    .orderBy(visitParticipants.createdAt, visitParticipants.id)

export type ParticipantState = Awaited<ReturnType<typeof participantStatesOfVisit>>[number]

/** Who of the visit's participants holds a live mandate with their side; it then lives until the transaction ends. */
export async function lockMandatesOfParticipants(tx: Tx, visitId: string, today: string): Promise<string[]> {
  const rows = await tx
    .select({ participantId: visitParticipants.id })
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(organisations, eq(organisations.id, stateColumns.organisationId))
    .innerJoin(mandates, and(eq(mandates.delegateId, visitParticipants.delegateId), isLiveMandate(today)))
    .where(eq(visitParticipants.visitId, visitId))
    .for('share', { of: mandates })
  return rows.map((row) => row.participantId)
}

/** Finds future visits with participants whose mandate has ended. */
export const visitsWithParticipantsWithoutMandate = (db: Db, { now, limit, except }: Batch) =>
  db
    .selectDistinct({ id: visitParticipants.visitId })
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(organisations, eq(organisations.id, stateColumns.organisationId))
    .where(
      and(
        inArray(visits.status, [...preparationStatuses]),
        inArray(visitParticipants.status, statusesBeforeArrival),
        sql`not exists (select 1 from ${mandates}
          where ${mandates.delegateId} = ${visitParticipants.delegateId} and ${isLiveMandate(dateOf(now))})`,
        notInArray(visits.id, [...except]),
      ),
    )
    .orderBy(visitParticipants.visitId)
    .limit(limit)

/** Matches participants who have not arrived, if the other side has sealed itself and so hides the visit from them. */
const facesSealedSide = and(
  isNotNull(organisations.sealedAt),
  inArray(visits.status, [...preparationStatuses]),
  inArray(visitParticipants.status, statusesBeforeArrival),
)
const ofOtherSide = sql`${organisations.id} = case ${visitParticipants.side} when 'host' then ${visits.visitorId} else ${visits.hostId} end`

/** Finds such visits. Starts from the sealed organisations, because they are few. */
export const visitsWithSealedSide = (db: Db, { limit, except }: Batch) =>
  db
    .selectDistinct({ id: visits.id })
    .from(organisations)
    .innerJoin(visits, sql`${organisations.id} in (${visits.hostId}, ${visits.visitorId})`)
    .innerJoin(visitParticipants, and(eq(visitParticipants.visitId, visits.id), ofOtherSide))
    .where(and(facesSealedSide, notInArray(visits.id, [...except])))
    .orderBy(visits.id)
    .limit(limit)

export async function participantsFacingSealedSide(tx: Tx, visitId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: visitParticipants.id })
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .innerJoin(organisations, ofOtherSide)
    .where(and(facesSealedSide, eq(visits.id, visitId)))
  return rows.map((row) => row.id)
}

/** Matches live mandates of the organisation, or of the one into which it was merged. */
function isLiveMandate(today: string): SQL | undefined {
  return and(
    sql`${mandates.organisationId} in (${organisations.id}, ${organisations.mergedIntoId})`,
    isValidOn(today, sql`${mandates}`),
  )
}

/** Finds all visits that expect this delegate, in a fixed order to avoid deadlocks. */
export async function visitsExpecting(tx: Tx, delegateId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: visitParticipants.visitId })
    .from(visitParticipants)
    .where(
      and(
        eq(visitParticipants.delegateId, delegateId),
        inArray(visitParticipants.status, statusesBeforeArrival),
      ),
    )
    .orderBy(visitParticipants.visitId)
  return rows.map((row) => row.id)
}

/** Moves several participants of a locked visit to one status. */
export const moveParticipants = (tx: Tx, now: string, ids: string[], to: ParticipantStatus) =>
  tx
    .update(visitParticipants)
    .set({ status: to, version: sql`${visitParticipants.version} + 1`, updatedAt: now })
    .where(inArray(visitParticipants.id, ids))
