import { eq } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database.ts'
import { identities } from './tables.ts'

export async function identityOf(db: Db, delegateId: string) {
  const [row] = await db.select().from(identities).where(eq(identities.delegateId, delegateId))
  return row
}

export async function lockIdentity(tx: Tx, delegateId: string) {
  const [row] = await tx.select().from(identities).where(eq(identities.delegateId, delegateId)).for('update')
  return row
}

export type IdentityRow = NonNullable<Awaited<ReturnType<typeof identityOf>>>
