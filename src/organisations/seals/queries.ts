import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { coordinatorMandate, organisationsOf, type Caller } from '../../platform/access.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { subquery } from '../../platform/database/references.ts'
import { newestAfter, newestFirst, type Position } from '../../platform/wire/cursors.ts'
import { hasPartInRecovery } from '../approvals/queries.ts'
import { administersUnderSeal } from '../status/queries.ts'
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
  requestedById: seals.requestedById,
  requestedMandateId: seals.requestedMandateId,
  requestedForId: seals.requestedForId,
  expiresAt: seals.expiresAt,
  liftedAt: seals.liftedAt,
}

/** Finds the seal that is in force. */
export async function currentSeal(db: Db, organisationId: string) {
  const [row] = await db.select(columns).from(seals).where(isInForce(organisationId))
  return row
}

export type SealRow = NonNullable<Awaited<ReturnType<typeof currentSeal>>>

/** Locks the seal, so that of two concurrent approvals only one lifts it. */
export async function lockCurrentSeal(tx: Tx, organisationId: string) {
  const [row] = await tx.select(columns).from(seals).where(isInForce(organisationId)).for('update')
  return row
}

export async function sealById(db: Db, id: string) {
  const [row] = await db.select(columns).from(seals).where(eq(seals.id, id))
  return row
}

const isInForce = (organisationId: string) =>
  and(eq(seals.organisationId, organisationId), isNull(seals.liftedAt))

type Listed = { now: string; caller: Caller; after: Position | undefined; limit: number }

/** Seals that wait for the second approval, as `mayRead` shows them one by one, and what only the database knows of the caller. */
export function sealsToLift(tx: Tx, { now, caller, after, limit }: Listed) {
  const person = caller.kind === 'delegate' ? caller.delegateId : null
  const own = inArray(seals.organisationId, organisationsOf(caller))
  const isCoordinations = caller.kind === 'operator' ? eq(seals.organisationKind, 'coordination') : undefined
  return tx
    .select({
      ...columns,
      isAdministered: subquery(administersUnderSeal(person, seals.organisationId, now)),
      isRecoverer: subquery(hasPartInRecovery(person, seals.organisationId, seals.createdAt)),
    })
    .from(seals)
    .where(
      and(
        isNull(seals.liftedAt),
        gt(seals.expiresAt, now),
        coordinatorMandate(caller) ? undefined : (isCoordinations ?? own),
        newestAfter(seals.expiresAt, seals.id, after),
      ),
    )
    .orderBy(...newestFirst(seals.expiresAt, seals.id))
    .limit(limit)
}

/** Locks the organisation and those merged into it, in one order: they are sealed and unsealed together. */
export const lockWithMerged = (tx: Tx, id: string) =>
  tx
    .select()
    .from(organisations)
    .where(or(eq(organisations.id, id), eq(organisations.mergedIntoId, id)))
    .orderBy(organisations.id)
    .for('no key update')
