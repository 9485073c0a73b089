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

/** Codes are tried one after another, so that their number counts. */
export async function lockSecondFactor(tx: Tx, delegateId: string) {
  const [row] = await withOrganisation(tx, delegateId).for('update', { of: secondFactors })
  return row
}

/** It then stays what it is until the transaction ends. */
export const lockSecondFactorShared = (tx: Tx, delegateId: string) =>
  tx
    .select({ id: secondFactors.id })
    .from(secondFactors)
    .where(eq(secondFactors.delegateId, delegateId))
    .for('share')

export type SecondFactorRow = NonNullable<Awaited<ReturnType<typeof secondFactorOf>>>
