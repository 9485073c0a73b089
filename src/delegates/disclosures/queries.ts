import { and, count, eq, gt, gte, isNull, or, sql } from 'drizzle-orm'
import { coordinatorMandate, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { ledger } from '../../platform/ledger/ledger.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Position } from '../../platform/wire/cursors.ts'
import { urlOf } from '../../platform/database/references.ts'
import { organisations } from '../../organisations/tables.ts'
import { delegates } from '../tables.ts'
import type { DisclosureListParameters } from './schemas.ts'
import { disclosures, identityReads } from './tables.ts'

const columns = {
  id: disclosures.id,
  version: disclosures.version,
  createdAt: disclosures.createdAt,
  updatedAt: disclosures.updatedAt,
  url: urlOf('disclosures', disclosures.id),
  delegateId: disclosures.delegateId,
  reason: disclosures.reason,
  requestedById: disclosures.requestedById,
  requestedMandateId: disclosures.requestedMandateId,
  requestedForId: disclosures.requestedForId,
  grantedById: disclosures.grantedById,
  grantedMandateId: disclosures.grantedMandateId,
  grantedAt: disclosures.grantedAt,
  expiresAt: disclosures.expiresAt,
  endedAt: disclosures.endedAt,
  endedById: disclosures.endedById,
}

export async function disclosureById(db: Db, id: string) {
  const [row] = await db.select(columns).from(disclosures).where(eq(disclosures.id, id))
  return row
}

export type DisclosureRow = NonNullable<Awaited<ReturnType<typeof disclosureById>>>

/** Locks the disclosure, so that of two concurrent approvals only one succeeds. */
export async function lockDisclosure(tx: Tx, id: string) {
  const [row] = await tx.select(columns).from(disclosures).where(eq(disclosures.id, id)).for('update')
  return row
}

/** Locks the disclosures that this person requested or granted and that are not over. */
export const lockOpenDisclosuresBy = (tx: Tx, delegateId: string, now: string) =>
  tx
    .select(columns)
    .from(disclosures)
    .where(
      and(
        or(eq(disclosures.requestedById, delegateId), eq(disclosures.grantedById, delegateId)),
        isNull(disclosures.endedAt),
        gt(disclosures.expiresAt, now),
      ),
    )
    .orderBy(disclosures.id)
    .for('update')

/** Lists all disclosures for coordinators, and for everybody else those about themselves. */
export async function disclosuresFor(db: Db, context: ActionContext, query: DisclosureListParameters) {
  const rows = await db
    .select(columns)
    .from(disclosures)
    .where(
      and(shownTo(context.caller), newestAfter(disclosures.createdAt, disclosures.id, positionOf(query))),
    )
    .orderBy(...newestFirst(disclosures.createdAt, disclosures.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

type Waiting = { now: string; caller: Caller; after: Position | undefined; limit: number }

/** Those that wait for the second approval. */
export const requestedDisclosures = (tx: Tx, { now, caller, after, limit }: Waiting) =>
  tx
    .select(columns)
    .from(disclosures)
    .where(
      and(
        isNull(disclosures.grantedAt),
        isNull(disclosures.endedAt),
        gt(disclosures.expiresAt, now),
        shownTo(caller),
        newestAfter(disclosures.expiresAt, disclosures.id, after),
      ),
    )
    .orderBy(...newestFirst(disclosures.expiresAt, disclosures.id))
    .limit(limit)

const ofThemselves = (caller: Caller) =>
  caller.kind === 'delegate' ? eq(disclosures.delegateId, caller.delegateId) : sql`false`
const shownTo = (caller: Caller) => (coordinatorMandate(caller) ? undefined : ofThemselves(caller))

export async function identityReadsOf(db: Db, delegateId: string, query: DisclosureListParameters) {
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

/**
 * Locks the delegate's organisation, unless the delegate was erased or it is sealed. Call it with RLS bypassed: only
 * their own people may see a delegate.
 */
export async function lockVisibleDelegate(tx: Tx, id: string) {
  const [row] = await tx
    .select({ id: delegates.id, organisationId: delegates.organisationId })
    .from(delegates)
    .innerJoin(organisations, eq(organisations.id, delegates.organisationId))
    .where(and(eq(delegates.id, id), isNull(delegates.erasedAt), isNull(organisations.sealedAt)))
    .for('share', { of: organisations })
  return row
}

/** Serialises the reads by one person, so that none exceeds the daily limit. */
export const serialiseReadsBy = (tx: Tx, readerId: string) =>
  tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`identity reads of ${readerId}`}, 0))`)

export async function readsSince(tx: Tx, readerId: string, since: string): Promise<number> {
  const [row] = await tx
    .select({ reads: count() })
    .from(identityReads)
    .where(and(eq(identityReads.readerId, readerId), gte(identityReads.createdAt, since)))
  return row?.reads ?? 0
}

/** Whether the ledger has an entry since then that this person reached the limit. */
export async function isSpentBudgetReported(tx: Tx, readerId: string, since: string): Promise<boolean> {
  const rows = await tx
    .select({ id: ledger.id })
    .from(ledger)
    .where(
      and(eq(ledger.subjectId, readerId), eq(ledger.type, 'identity_budget.spent'), gte(ledger.at, since)),
    )
    .limit(1)
  return rows.length > 0
}
