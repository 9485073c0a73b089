import { and, count, eq, gte, isNull, sql } from 'drizzle-orm'
import { coordinatorMandate, type Caller } from '../../platform/access.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf } from '../../platform/pages.ts'
import { urlOf } from '../../platform/references.ts'
import { delegates } from '../tables.ts'
import type { DisclosureListParameters } from './schemas.ts'
import { disclosures, identityReads } from './tables.ts'

const shown = {
  id: disclosures.id,
  version: disclosures.version,
  createdAt: disclosures.createdAt,
  updatedAt: disclosures.updatedAt,
  url: urlOf('disclosures', disclosures.id),
  delegateId: disclosures.delegateId,
  reason: disclosures.reason,
  requestedById: disclosures.requestedById,
  grantedById: disclosures.grantedById,
  grantedAt: disclosures.grantedAt,
  expiresAt: disclosures.expiresAt,
}

export async function disclosureById(db: Db, id: string) {
  const [row] = await db.select(shown).from(disclosures).where(eq(disclosures.id, id))
  return row
}

export type DisclosureRow = NonNullable<Awaited<ReturnType<typeof disclosureById>>>

/** A second word is taken once. */
export async function lockDisclosure(tx: Tx, id: string) {
  const [row] = await tx.select(shown).from(disclosures).where(eq(disclosures.id, id)).for('update')
  return row
}

/** All of them for coordinators; for everybody else those that concern themselves. */
export async function disclosuresFor(db: Db, caller: Caller, query: DisclosureListParameters) {
  const own = caller.kind === 'delegate' ? eq(disclosures.delegateId, caller.delegateId) : sql`false`
  const rows = await db
    .select(shown)
    .from(disclosures)
    .where(
      and(
        coordinatorMandate(caller) ? undefined : own,
        newestAfter(disclosures.createdAt, disclosures.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(disclosures.createdAt, disclosures.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function readsOf(db: Db, delegateId: string, query: DisclosureListParameters) {
  const { id, createdAt, readerId, participantId, disclosureId } = identityReads
  const rows = await db
    .select({ id, createdAt, readerId, participantId, disclosureId })
    .from(identityReads)
    .where(
      and(
        eq(identityReads.delegateId, delegateId),
        newestAfter(identityReads.createdAt, identityReads.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(identityReads.createdAt, identityReads.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

/** Whom nobody but their own people may see; asked past the caller. */
export async function livingDelegate(tx: Tx, id: string) {
  const [row] = await tx
    .select({ id: delegates.id, organisationId: delegates.organisationId })
    .from(delegates)
    .where(and(eq(delegates.id, id), isNull(delegates.erasedAt)))
  return row
}

/** Reads of one person come one after another, so that none slips past the budget. */
export const queueReader = (tx: Tx, readerId: string) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`identity reads of ${readerId}`}, 0))`)

export async function readsSince(tx: Tx, readerId: string, since: string): Promise<number> {
  const [row] = await tx
    .select({ reads: count() })
    .from(identityReads)
    .where(and(eq(identityReads.readerId, readerId), gte(identityReads.createdAt, since)))
  return row?.reads ?? 0
}
