import { eq, getTableColumns } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { delegates } from '../tables.ts'
import { secondFactors } from './tables.ts'

const withOrganisation = (db: Db, delegateId: string) =>
  db
    .select({ ...getTableColumns(secondFactors), organisationId: delegates.organisationId })
    .from(secondFactors)
    .innerJoin(delegates, eq(delegates.id, secondFactors.delegateId))
    .where(eq(secondFactors.delegateId, delegateId))

export async function secondFactorOf(db: Db, delegateId: string) {
  const [row] = await withOrganisation(db, delegateId)
  return row
}

/** Locks the factor, so that concurrent codes are counted one after another. */
export async function lockSecondFactor(tx: Tx, delegateId: string) {
  const [row] = await withOrganisation(tx, delegateId).for('update', { of: secondFactors })
  return row
}

/** Locks the factor against changes until the transaction ends. */
export const lockSecondFactorShared = (tx: Tx, delegateId: string) =>
  tx
    .select({ id: secondFactors.id })
    .from(secondFactors)
    .where(eq(secondFactors.delegateId, delegateId))
    .for('share')

export type SecondFactorRow = NonNullable<Awaited<ReturnType<typeof secondFactorOf>>>
