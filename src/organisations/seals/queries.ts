import { and, eq, isNull, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { organisations } from '../tables.ts'
import { seals } from './tables.ts'

const columns = {
  id: seals.id,
  version: seals.version,
  createdAt: seals.createdAt,
  updatedAt: seals.updatedAt,
  url: sql<string>`'/v1/organisations/' || ${seals.organisationId} || '/seal'`,
  organisationId: seals.organisationId,
  organisationKind: seals.organisationKind,
  liftAskedById: seals.liftAskedById,
  liftAskedMandateId: seals.liftAskedMandateId,
  liftAskedUntil: seals.liftAskedUntil,
  liftedAt: seals.liftedAt,
}

/** The seal that stands. */
export async function currentSeal(db: Db, organisationId: string) {
  const [row] = await db.select(columns).from(seals).where(stands(organisationId))
  return row
}

export type SealRow = NonNullable<Awaited<ReturnType<typeof currentSeal>>>

/** Held until the transaction ends: of two second words one lifts it. */
export async function lockCurrentSeal(tx: Tx, organisationId: string) {
  const [row] = await tx.select(columns).from(seals).where(stands(organisationId)).for('update')
  return row
}

export async function sealById(db: Db, id: string) {
  const [row] = await db.select(columns).from(seals).where(eq(seals.id, id))
  return row
}

const stands = (organisationId: string) =>
  and(eq(seals.organisationId, organisationId), isNull(seals.liftedAt))

/** The organisation and those that were merged into it, in one order: they are sealed and opened together. */
export const lockWithMerged = (tx: Tx, id: string) =>
  tx
    .select()
    .from(organisations)
    .where(or(eq(organisations.id, id), eq(organisations.mergedIntoId, id)))
    .orderBy(organisations.id)
    .for('no key update')

/**
 * Whether the person had a part in a recovery of its secretary since it was sealed. Whoever gave the first person a token
 * could be that person, and would agree with themselves.
 */
export async function hasRecovered(tx: Tx, person: string, { organisationId, createdAt }: SealRow) {
  const { rows } = await tx.execute(
    sql`select from recoveries where organisation_id = ${organisationId} and granted_at >= ${createdAt}
      and ${person} in (requested_by_id, granted_by_id) limit 1`,
  )
  return rows.length > 0
}
