import { and, asc, eq, inArray, lt, or, sql } from 'drizzle-orm'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { personalDaysKept } from '../../platform/ledger/objects.ts'
import { recoveries } from './tables.ts'

/** Clears the reasons of recoveries that were over 24 months ago; the rows stay. */
export async function clearRecoveryReasons(tx: Tx, now: string, limit: number): Promise<number> {
  const { rowCount } = await tx
    .update(recoveries)
    .set({ reason: '' })
    .where(inArray(recoveries.id, expiredRecoveryReasons(tx, now, limit)))
  return rowCount ?? 0
}

export const expiredRecoveryReasons = (tx: Tx, now: string, limit: number) =>
  tx
    .select({ id: recoveries.id })
    .from(recoveries)
    .where(and(sql`${recoveries.reason} <> ''`, lt(recoveries.expiresAt, daysAfter(now, -personalDaysKept))))
    .orderBy(asc(recoveries.expiresAt))
    .limit(limit)

/** Clears the reasons of recoveries about an erased person, and of those that the person requested. */
export const clearRecoveryReasonsOf = (tx: Tx, delegateId: string) =>
  tx
    .update(recoveries)
    .set({ reason: '' })
    .where(or(eq(recoveries.delegateId, delegateId), eq(recoveries.requestedById, delegateId)))
