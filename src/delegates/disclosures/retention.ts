/** What is known for 24 months of who read whose identity, and why they asked. */
import { and, asc, eq, inArray, lt, or, sql } from 'drizzle-orm'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { personalDaysKept } from '../../platform/ledger/objects.ts'
import { disclosures, identityReads } from './tables.ts'

export async function deleteIdentityReads(tx: Tx, now: string, limit: number): Promise<number> {
  const { rowCount } = await tx
    .delete(identityReads)
    .where(inArray(identityReads.id, expiredReads(tx, now, limit)))
  return rowCount ?? 0
}

/** The row stays, as an erased person's does: that it was asked and granted, by whom and when. */
export async function clearDisclosureReasons(tx: Tx, now: string, limit: number): Promise<number> {
  const { rowCount } = await tx
    .update(disclosures)
    .set({ reason: '' })
    .where(inArray(disclosures.id, expiredDisclosureReasons(tx, now, limit)))
  return rowCount ?? 0
}

export const expiredReads = (tx: Tx, now: string, limit: number) =>
  tx
    .select({ id: identityReads.id })
    .from(identityReads)
    .where(lt(identityReads.createdAt, daysAfter(now, -personalDaysKept)))
    .orderBy(asc(identityReads.createdAt))
    .limit(limit)

export const expiredDisclosureReasons = (tx: Tx, now: string, limit: number) =>
  tx
    .select({ id: disclosures.id })
    .from(disclosures)
    .where(
      and(sql`${disclosures.reason} <> ''`, lt(disclosures.expiresAt, daysAfter(now, -personalDaysKept))),
    )
    .orderBy(asc(disclosures.expiresAt))
    .limit(limit)

/** With a person go the reason for which coordinators asked who they are, and the reason that they gave to ask about others. */
export const clearDisclosureReasonsOf = (tx: Tx, delegateId: string) =>
  tx
    .update(disclosures)
    .set({ reason: '' })
    .where(or(eq(disclosures.delegateId, delegateId), eq(disclosures.requestedById, delegateId)))
