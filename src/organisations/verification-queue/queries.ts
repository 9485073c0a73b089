/** Organisations that wait for verification, as coordinators read them. */
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm'
import { isSealedAway } from '../../platform/access.ts'
import type { Act } from '../../platform/act.ts'
import { isIn } from '../../platform/columns.ts'
import type { Db } from '../../platform/database.ts'
import { pageOf, positionOf, type Page } from '../../platform/pages.ts'
import { selectOrganisations, type OrganisationRow } from '../queries.ts'
import { isUnknown, organisations } from '../tables.ts'
import type { QueueParameters } from './schemas.ts'

/** Those that a coordination knows first, by an invitation or by its link; then who has waited longest. */
export async function verificationQueue(act: Act, query: QueueParameters): Promise<Page<OrganisationRow>> {
  const { vouchingCoordinationId: asked } = query
  // Nothing leads to a coordination that has sealed itself.
  if (asked !== undefined && isSealedAway(act.caller, asked)) return { data: [], nextCursor: null }
  const rows = await waiting(act.read, query)
  return pageOf(rows, query, (row) => `${isKnown(row) ? '0' : '1'} ${row.vouchBy}`)
}

export function waiting(db: Db, query: QueueParameters) {
  const after = positionOf(query, 'queued')
  const unknown = isUnknown(organisations)
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

const isKnown = (row: OrganisationRow): boolean =>
  row.invitedById !== null || row.createdByOrganisationId !== null
