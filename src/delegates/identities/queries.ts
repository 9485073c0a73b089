import { and, eq, isNotNull } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { identities } from './tables.ts'

export async function identityOf(db: Db, delegateId: string) {
  const [row] = await db.select().from(identities).where(eq(identities.delegateId, delegateId))
  return row
}

export async function lockIdentity(tx: Tx, delegateId: string) {
  const [row] = await tx.select().from(identities).where(eq(identities.delegateId, delegateId)).for('update')
  return row
}

/** Whether the person has written at least their legal name. Locks it until the transaction ends. */
export async function lockLegalName(tx: Tx, delegateId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: identities.id })
    .from(identities)
    .where(and(eq(identities.delegateId, delegateId), isNotNull(identities.legalName)))
    .for('share')
  return rows.length > 0
}

export type IdentityRow = NonNullable<Awaited<ReturnType<typeof identityOf>>>
