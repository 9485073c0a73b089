import { and, eq, gt, isNotNull, ne, sql } from 'drizzle-orm'
import type { Tx } from '../../platform/database/database.ts'
import { mandates } from '../../delegates/mandates/tables.ts'
import { isValidOn, mayAct } from '../../organisations/status/queries.ts'
import { organisations } from '../../organisations/tables.ts'
import type { Side } from '../lifecycle.ts'
import { visitParticipants } from '../participants/tables.ts'
import { visits } from '../tables.ts'

/** Finds the participation of a person in a visit, unless it is withdrawn. */
export async function participationOf(tx: Tx, visitId: string, delegateId: string) {
  const [row] = await tx
    .select()
    .from(visitParticipants)
    .where(
      and(
        eq(visitParticipants.visitId, visitId),
        eq(visitParticipants.delegateId, delegateId),
        ne(visitParticipants.status, 'withdrawn'),
      ),
    )
  return row
}

type GivenConsent = { visitId: string; side: Side; consentedAt: string }

/** Whether a participant of the other side was nominated after this consent, so that it does not cover them. */
export async function hasUncoveredParticipant(
  tx: Tx,
  { visitId, side, consentedAt }: GivenConsent,
): Promise<boolean> {
  const [row] = await tx
    .select({ id: visitParticipants.id })
    .from(visitParticipants)
    .where(
      and(
        eq(visitParticipants.visitId, visitId),
        ne(visitParticipants.side, side),
        gt(visitParticipants.createdAt, consentedAt),
      ),
    )
    .limit(1)
  return row !== undefined
}

export async function statusAndSpanOf(tx: Tx, visitId: string) {
  const [row] = await tx
    .select({ status: visits.status, spanEndsAt: visits.spanEndsAt })
    .from(visits)
    .where(eq(visits.id, visitId))
  return row
}

/**
 * Finds the participants with a live mandate of their side, if the side may act and is not sealed. Locks side and mandate until
 * the transaction ends. A merged side is replaced by its successor.
 */
export async function lockMandatedParticipants(
  tx: Tx,
  participantIds: readonly string[],
  today: string,
): Promise<string[]> {
  const { rows } = await tx.execute<{ id: string }>(
    sql`select p.id from visit_participants p
      join visits v on v.id = p.visit_id
      join ${organisations} side on side.id = case p.side when 'host' then v.host_id else v.visitor_id end
      join ${mandates} m on m.delegate_id = p.delegate_id and m.organisation_id in (side.id, side.merged_into_id)
      join ${organisations} o on o.id = m.organisation_id
      where p.id = any(${sql.param([...participantIds])}::uuid[]) and ${isValidOn(today)}
        and ${mayAct(sql`o.status`)} and o.sealed_at is null and side.sealed_at is null
      for share of side, m, o`,
  )
  return rows.map(({ id }) => id)
}

/** Locks all participations in which the person has consented. */
export const lockConsentsOf = (tx: Tx, delegateId: string) =>
  tx
    .select({
      id: visitParticipants.id,
      version: visitParticipants.version,
      visitId: visitParticipants.visitId,
      organisationId: sql<string>`case ${visitParticipants.side} when 'host' then ${visits.hostId} else ${visits.visitorId} end`,
    })
    .from(visitParticipants)
    .innerJoin(visits, eq(visits.id, visitParticipants.visitId))
    .where(and(eq(visitParticipants.delegateId, delegateId), isNotNull(visitParticipants.consentedAt)))
    .orderBy(visitParticipants.id)
    .for('update', { of: visitParticipants })
