import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import { coordinatorMandate, organisationsOf, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Position } from '../../platform/wire/cursors.ts'
import { urlOf } from '../../platform/database/references.ts'
import { isValidOn, mayAct } from '../../organisations/status/queries.ts'
import { organisations } from '../../organisations/tables.ts'
import { mandates } from '../mandates/tables.ts'
import { delegates } from '../tables.ts'
import { tokens } from '../tokens/tables.ts'
import type { RecoveryListParameters } from './schemas.ts'
import { recoveries } from './tables.ts'

const columns = {
  id: recoveries.id,
  version: recoveries.version,
  createdAt: recoveries.createdAt,
  updatedAt: recoveries.updatedAt,
  url: urlOf('recoveries', recoveries.id),
  organisationId: recoveries.organisationId,
  delegateId: recoveries.delegateId,
  reason: recoveries.reason,
  requestedById: recoveries.requestedById,
  requestedMandateId: recoveries.requestedMandateId,
  requestedForId: recoveries.requestedForId,
  grantedAt: recoveries.grantedAt,
  expiresAt: recoveries.expiresAt,
  enrolmentLinkId: recoveries.enrolmentLinkId,
  endedAt: recoveries.endedAt,
}

export async function recoveryById(db: Db, id: string) {
  const [row] = await db.select(columns).from(recoveries).where(eq(recoveries.id, id))
  return row
}

export type RecoveryRow = NonNullable<Awaited<ReturnType<typeof recoveryById>>>

/** Locks the disclosure, so that of two concurrent approvals only one succeeds. */
export async function lockRecovery(tx: Tx, id: string) {
  const [row] = await tx.select(columns).from(recoveries).where(eq(recoveries.id, id)).for('update')
  return row
}

/** Lists the recoveries that `mayRead` allows one by one. */
export async function recoveriesFor(db: Db, context: ActionContext, query: RecoveryListParameters) {
  const rows = await db
    .select(columns)
    .from(recoveries)
    .where(
      and(
        shownTo(context.caller),
        query.organisationId === undefined ? undefined : eq(recoveries.organisationId, query.organisationId),
        newestAfter(recoveries.createdAt, recoveries.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(recoveries.createdAt, recoveries.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

type Waiting = { now: string; caller: Caller; after: Position | undefined; limit: number }

/** Those that wait for the second approval. */
export const requestedRecoveries = (tx: Tx, { now, caller, after, limit }: Waiting) =>
  tx
    .select(columns)
    .from(recoveries)
    .where(
      and(
        isNull(recoveries.grantedAt),
        isNull(recoveries.endedAt),
        gt(recoveries.expiresAt, now),
        shownTo(caller),
        newestAfter(recoveries.expiresAt, recoveries.id, after),
      ),
    )
    .orderBy(...newestFirst(recoveries.expiresAt, recoveries.id))
    .limit(limit)

const shownTo = (caller: Caller) =>
  coordinatorMandate(caller)
    ? undefined
    : or(
        inArray(recoveries.organisationId, organisationsOf(caller)),
        caller.kind === 'delegate' ? eq(recoveries.delegateId, caller.delegateId) : undefined,
      )

/**
 * Finds the administrator with that display name, if there is only one. A sealed organisation counts: recovery may be
 * its only way.
 */
export async function administratorByName(tx: Tx, organisationId: string, name: string, now: string) {
  const rows = await tx
    .selectDistinct({ id: delegates.id })
    .from(delegates)
    .innerJoin(mandates, eq(mandates.delegateId, delegates.id))
    .innerJoin(organisations, eq(organisations.id, mandates.organisationId))
    .where(
      and(
        eq(mandates.organisationId, organisationId),
        isValidOn(dateOf(now), sql`${mandates}`),
        sql`'administer' = any(${mandates.powers})`,
        mayAct(sql`${organisations.status}`),
        eq(delegates.displayName, name),
        isNull(delegates.erasedAt),
      ),
    )
    .limit(2)
  return rows.length === 1 ? rows[0] : undefined
}

export const unrevokedTokensOf = (tx: Tx, delegateId: string) =>
  tx
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(eq(tokens.delegateId, delegateId), isNull(tokens.revokedAt)))
    .orderBy(tokens.id)
