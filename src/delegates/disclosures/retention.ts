/** Deletes after 24 months who read an identity, and why a disclosure was requested. */
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

/** Clears the reason only. The row keeps who requested and granted it, and when. */
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

/** Clears the reasons of disclosures about an erased person, and of those that the person requested. */
export const clearDisclosureReasonsOf = (tx: Tx, delegateId: string) =>
  tx
    .update(disclosures)
    .set({ reason: '' })
    .where(or(eq(disclosures.delegateId, delegateId), eq(disclosures.requestedById, delegateId)))
