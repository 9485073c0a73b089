import { and, eq, exists, inArray, ne, notInArray, sql, type SQL } from 'drizzle-orm'
import type { LiveMandate } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { organisations } from '../../organisations/tables.ts'
import { openMandateStatuses } from '../policy.ts'
import { delegates } from '../tables.ts'
import { validTokensOf } from '../tokens/queries.ts'
import type { MandateStatus } from './lifecycle.ts'
import type { MandateListParameters } from './schemas.ts'
import { tokens } from '../tokens/tables.ts'
import { mandates } from './tables.ts'

const columns = {
  id: mandates.id,
  version: mandates.version,
  createdAt: mandates.createdAt,
  updatedAt: mandates.updatedAt,
  url: urlOf('mandates', mandates.id),
  status: mandates.status,
  delegateId: mandates.delegateId,
  organisationId: mandates.organisationId,
  delegate: referenceTo('delegates', delegates.id, delegates.displayName),
  organisation: referenceTo('organisations', organisations.id, organisations.name),
  office: mandates.office,
  powers: mandates.powers,
  startsOn: mandates.startsOn,
  endsOn: mandates.endsOn,
  evidence: mandates.evidence,
}

const selectMandates = (db: Db) =>
  db
    .select(columns)
    .from(mandates)
    .innerJoin(delegates, eq(delegates.id, mandates.delegateId))
    .innerJoin(organisations, eq(organisations.id, mandates.organisationId))

export async function mandateById(db: Db, id: string) {
  const [row] = await selectMandates(db).where(eq(mandates.id, id))
  return row
}

export type MandateRow = NonNullable<Awaited<ReturnType<typeof mandateById>>>

/** Lists mandates in the statuses `among`, which are those that the caller may read. */
export async function mandatesOfOrganisation(
  db: Db,
  organisationId: string,
  among: readonly MandateStatus[],
  query: MandateListParameters,
): Promise<Page<MandateRow>> {
  const rows = await selectMandates(db)
    .where(
      and(
        eq(mandates.organisationId, organisationId),
        inArray(mandates.status, [...among]),
        query.status && inArray(mandates.status, query.status),
        newestAfter(mandates.createdAt, mandates.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(mandates.createdAt, mandates.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function lockMandateRow(tx: Tx, id: string) {
  const [row] = await tx.select().from(mandates).where(eq(mandates.id, id)).for('update')
  return row
}

/** Locks the mandates that a delegate holds or claims. */
export const lockActiveMandates = (tx: Tx, delegateId: string) =>
  tx
    .select()
    .from(mandates)
    .where(and(eq(mandates.delegateId, delegateId), inArray(mandates.status, [...openMandateStatuses])))
    .orderBy(mandates.id)
    .for('update')

/** Locks the organisations where a delegate holds or claims a mandate. Call it before locking any mandate there. */
export const lockOrganisationsOf = (tx: Tx, delegateId: string) =>
  tx
    .select({ id: organisations.id })
    .from(organisations)
    .where(
      inArray(
        organisations.id,
        tx
          .select({ id: mandates.organisationId })
          .from(mandates)
          .where(
            and(eq(mandates.delegateId, delegateId), inArray(mandates.status, [...openMandateStatuses])),
          ),
      ),
    )
    .orderBy(organisations.id)
    .for('no key update')

/**
 * Locks the organisations whose sealing revokes the secrets of these people: those that added them and those where they
 * hold or claim a mandate. A seal comes before, or waits.
 */
export const lockOrganisationsShared = (tx: Tx, delegateIds: readonly string[]) =>
  tx
    .select({ id: organisations.id, sealedAt: organisations.sealedAt })
    .from(organisations)
    .where(
      inArray(
        organisations.id,
        tx
          .select({ id: delegates.organisationId })
          .from(delegates)
          .where(inArray(delegates.id, [...delegateIds]))
          .union(
            tx
              .select({ id: mandates.organisationId })
              .from(mandates)
              .where(
                and(
                  inArray(mandates.delegateId, [...delegateIds]),
                  inArray(mandates.status, [...openMandateStatuses]),
                ),
              ),
          ),
      ),
    )
    .orderBy(organisations.id)
    .for('share')

/** Whether another delegate with a valid token can administer the organisation from now on without a last day. */
export const hasOtherAdministrator = (tx: Tx, organisationId: string, exceptId: string, now: string) =>
  mandateExists(
    tx,
    eq(mandates.organisationId, organisationId),
    ne(mandates.id, exceptId),
    eq(mandates.status, 'active'),
    sql`${mandates.startsOn} <= ${dateOf(now)}::date and ${mandates.endsOn} is null`,
    sql`'administer' = any(${mandates.powers})`,
    exists(validTokensOf(tx, mandates.delegateId, now)),
  )

/** Whether another person has or claims a mandate in the organisation. */
export const hasOtherPeople = (tx: Tx, { organisationId, delegateId }: MandateReference) =>
  mandateExists(
    tx,
    eq(mandates.organisationId, organisationId),
    ne(mandates.delegateId, delegateId),
    inArray(mandates.status, [...openMandateStatuses]),
  )

/** Whether the person has another mandate to administer the organisation, now or in the future. */
export const hasOtherAdministration = (tx: Tx, ended: MandateReference) =>
  mandateExists(
    tx,
    eq(mandates.delegateId, ended.delegateId),
    eq(mandates.organisationId, ended.organisationId),
    ne(mandates.id, ended.id),
    eq(mandates.status, 'active'),
    sql`'administer' = any(${mandates.powers})`,
  )

/** Whether a mandate exists for which all conditions are true. */
async function mandateExists(tx: Tx, ...conditions: SQL[]): Promise<boolean> {
  const rows = await tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(...conditions))
    .limit(1)
  return rows.length > 0
}

type MandateReference = { id: string; delegateId: string; organisationId: string }

const isOverdue = (now: string) =>
  and(isIn(mandates.status, 'active'), sql`${mandates.endsOn} < ${dateOf(now)}::date`)

/** Active mandates whose last day has passed. */
export const overdueMandates = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(isOverdue(now), notInArray(mandates.id, [...except])))
    .orderBy(mandates.endsOn, mandates.id)
    .limit(limit)

/** Expires the mandate, unless another transaction is moving it or has already done so. */
export async function expireMandate(tx: Tx, id: string, now: string) {
  const free = tx
    .select({ id: mandates.id })
    .from(mandates)
    .where(and(eq(mandates.id, id), isOverdue(now)))
    .for('update', { skipLocked: true })
  const [ended] = await tx
    .update(mandates)
    .set({ status: 'expired', version: sql`${mandates.version} + 1`, updatedAt: now })
    .where(inArray(mandates.id, free))
    .returning()
  return ended
}

/** See `LockAuthority`. */
export async function lockAuthority(
  tx: Tx,
  { caller, now }: ActionContext,
  mandate: LiveMandate,
): Promise<boolean> {
  const held =
    caller.kind === 'client'
      ? sql`select 1 from ${tokens} t join ${organisations} o on o.id = t.organisation_id
          where t.id = ${caller.tokenId} and t.revoked_at is null and t.expires_at > ${now}
            and o.status = ${mandate.organisationStatus} and o.sealed_at is null for share`
      : sql`select 1 from ${mandates} m join ${organisations} o on o.id = m.organisation_id
          where m.id = ${mandate.id} and m.status = 'active'
            and o.status = ${mandate.organisationStatus} and o.sealed_at is null for share`
  const { rows } = await tx.execute(held)
  return rows.length > 0
}
