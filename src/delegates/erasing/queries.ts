import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database.ts'
import { disclosures } from '../disclosures/tables.ts'
import { mandates } from '../mandates/tables.ts'
import { delegates } from '../tables.ts'
import { enrolmentLinks, tokens } from '../tokens/tables.ts'

/** What stands in place of a name: signatures still refer to the row. */
export const nameOfErased = 'Erased person'

export async function holdsLiveToken(tx: Tx, delegateId: string, now: string): Promise<boolean> {
  const rows = await tx
    .select({ id: tokens.id })
    .from(tokens)
    .where(
      and(eq(tokens.delegateId, delegateId), isNull(tokens.revokedAt), sql`${tokens.expiresAt} > ${now}`),
    )
    .limit(1)
  return rows.length > 0
}

/** Of those whose keys were shredded, who stands here as before: the database was restored. */
export const delegatesStillHere = (db: Db, ids: string[]) =>
  db
    .select({ id: delegates.id })
    .from(delegates)
    .where(and(inArray(delegates.id, ids), isNull(delegates.erasedAt)))

export const standingMandatesOf = (tx: Tx, delegateId: string) =>
  tx
    .select()
    .from(mandates)
    .where(and(eq(mandates.delegateId, delegateId), inArray(mandates.status, ['submitted', 'active'])))
    .orderBy(mandates.id)
    .for('update')

export const endMandate = (tx: Tx, id: string, now: string, status: 'recalled' | 'refused') =>
  tx
    .update(mandates)
    .set({ status, version: sql`${mandates.version} + 1`, updatedAt: now })
    .where(eq(mandates.id, id))

/** Evidence is free text, and may tell who somebody is. */
export const forgetEvidence = (tx: Tx, delegateId: string) =>
  tx.update(mandates).set({ evidence: null }).where(eq(mandates.delegateId, delegateId))

/** So is the reason for which coordinators asked who they are. */
export const forgetReasons = (tx: Tx, delegateId: string) =>
  tx.update(disclosures).set({ reason: '' }).where(eq(disclosures.delegateId, delegateId))

/** Whole rows, not only their secrets: a label tells of a device. */
export async function deleteSecretsOf(tx: Tx, delegateId: string): Promise<void> {
  await tx.delete(tokens).where(eq(tokens.delegateId, delegateId))
  await tx.delete(enrolmentLinks).where(eq(enrolmentLinks.delegateId, delegateId))
}
