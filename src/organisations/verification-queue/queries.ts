/** Organisations that wait for verification, as coordinators and the operator read them. */
import { and, asc, eq, inArray, isNull, lte, notInArray, sql } from 'drizzle-orm'
import { isHiddenBySeal } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { selectOrganisations, type OrganisationRow } from '../queries.ts'
import { isSelfRegistered, organisations } from '../tables.ts'
import type { QueueParameters } from './schemas.ts'

/** Lists those that a coordination invited or created first, each group by waiting time. */
export async function verificationQueue(
  db: Db,
  context: ActionContext,
  query: QueueParameters,
): Promise<Page<OrganisationRow>> {
  const { vouchingCoordinationId: asked } = query
  // A sealed coordination is not shown.
  if (asked !== undefined && isHiddenBySeal(context.caller, asked)) return { data: [], nextCursor: null }
  const rows = await queuedOrganisations(db, query)
  return pageOf(rows, query, (row) => `${isSponsored(row) ? '0' : '1'} ${row.vouchBy}`)
}

export function queuedOrganisations(db: Db, query: QueueParameters) {
  const after = positionOf(query, 'queued')
  const unknown = isSelfRegistered(organisations)
  return selectOrganisations(db)
    .where(
      and(
        isIn(organisations.status, 'provisional'),
        isNull(organisations.sealedAt),
        query.vouchingCoordinationId === undefined
          ? undefined
          : eq(organisations.vouchingCoordinationId, query.vouchingCoordinationId),
        query.kind && inArray(organisations.kind, query.kind),
        query.country && inArray(organisations.country, query.country),
        after &&
          sql`(${unknown}, ${organisations.vouchBy}, ${organisations.id})
            > (${after.value.startsWith('1')}::boolean, ${after.value.slice(2)}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(asc(unknown), asc(organisations.vouchBy), asc(organisations.id))
    .limit(query.limit + 1)
}

const isSponsored = (row: OrganisationRow): boolean =>
  row.invitedById !== null || row.createdByOrganisationId !== null

const isOverdue = (now: string) =>
  and(isIn(organisations.status, 'provisional'), lte(organisations.vouchBy, now))

export const overdueRegistrations = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: organisations.id })
    .from(organisations)
    .where(and(isOverdue(now), notInArray(organisations.id, [...except])))
    .orderBy(asc(organisations.vouchBy), asc(organisations.id))
    .limit(limit)

/** Locks the organisation, unless another transaction is deciding on it; the job tries again. */
export async function lockOverdueRegistration(tx: Tx, id: string, now: string) {
  const [row] = await tx
    .select()
    .from(organisations)
    .where(and(eq(organisations.id, id), isOverdue(now)))
    .for('no key update', { skipLocked: true })
  return row
}
