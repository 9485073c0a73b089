import { and, eq, ne } from 'drizzle-orm'
import type { Tx } from '../../platform/database.ts'
import { visitParticipants } from '../participants/tables.ts'
import { visits } from '../tables.ts'

/** How a person takes part in a visit, if they do. */
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

export async function spanEndOf(tx: Tx, visitId: string): Promise<string | undefined> {
  const [row] = await tx.select({ end: visits.spanEndsAt }).from(visits).where(eq(visits.id, visitId))
  return row?.end
}
