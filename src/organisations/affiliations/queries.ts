import { and, eq, inArray, isNull, or, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { organisationsOf, mayMeetSeals, type Caller } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import { readableStatuses } from '../policy.ts'
import { organisations } from '../tables.ts'
import type { AffiliationListParameters } from './schemas.ts'
import { affiliations } from './tables.ts'

const member = alias(organisations, 'member')
const parent = alias(organisations, 'parent')

const columns = {
  id: affiliations.id,
  version: affiliations.version,
  createdAt: affiliations.createdAt,
  updatedAt: affiliations.updatedAt,
  url: urlOf('affiliations', affiliations.id),
  status: affiliations.status,
  memberId: affiliations.memberId,
  parentId: affiliations.parentId,
  member: referenceTo('organisations', member.id, member.name),
  parent: referenceTo('organisations', parent.id, parent.name),
  startsOn: affiliations.startsOn,
  endsOn: affiliations.endsOn,
}

const selectAffiliations = (db: Db) =>
  db
    .select(columns)
    .from(affiliations)
    .innerJoin(member, eq(member.id, affiliations.memberId))
    .innerJoin(parent, eq(parent.id, affiliations.parentId))

export async function affiliationById(
  db: Db,
  context: ActionContext,
  id: string,
): Promise<AffiliationRow | undefined> {
  const [row] = await selectAffiliations(db).where(and(eq(affiliations.id, id), visibleTo(context.caller)))
  return row
}

export type AffiliationRow = Awaited<ReturnType<typeof selectAffiliations>>[number]

/** Lists the affiliations in which the organisation is the member or the parent. */
export async function affiliationsOf(
  db: Db,
  context: ActionContext,
  organisationId: string,
  query: AffiliationListParameters,
): Promise<Page<AffiliationRow>> {
  const rows = await selectAffiliations(db)
    .where(
      and(
        or(eq(affiliations.memberId, organisationId), eq(affiliations.parentId, organisationId)),
        query.status && inArray(affiliations.status, query.status),
        visibleTo(context.caller),
        newestAfter(affiliations.createdAt, affiliations.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(affiliations.createdAt, affiliations.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

/** A confirmed affiliation is visible to all who may read both sides, any other only to the two sides. */
function visibleTo(caller: Caller): SQL | undefined {
  const own = organisationsOf(caller)
  const readable = [...readableStatuses(caller)]
  return or(
    and(
      eq(affiliations.status, 'confirmed'),
      inArray(member.status, readable),
      inArray(parent.status, readable),
      isNull(member.sealedAt),
      isNull(parent.sealedAt),
    ),
    own.length > 0 ? and(isSide(own), isNotSealedAway(caller)) : undefined,
  )
}

const isSide = (ids: readonly string[]): SQL | undefined =>
  or(inArray(affiliations.memberId, [...ids]), inArray(affiliations.parentId, [...ids]))

const isNotSealedAway = (caller: Caller): SQL | undefined =>
  mayMeetSeals(caller)
    ? sql`not is_sealed_away(array[${affiliations.memberId}, ${affiliations.parentId}])`
    : undefined

export async function lockAffiliation(tx: Tx, id: string) {
  const [row] = await tx.select().from(affiliations).where(eq(affiliations.id, id)).for('update')
  return row
}

/** Serialises confirmations: two concurrent ones could close a circle. */
export async function lockConfirmations(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('affiliations', 0))`)
}

/** Whether the member is already, through affiliations valid today or later, above the parent. */
export async function isAncestor(tx: Tx, sides: { memberId: string; parentId: string }, today: string) {
  const { rows } = await tx.execute(sql`
    with recursive above (id) as (
      select ${sides.parentId}::uuid
      union
      select a.parent_id from above join affiliations a on a.member_id = above.id
      where a.status = 'confirmed' and (a.ends_on is null or a.ends_on >= ${today}::date)
    )
    select 1 from above where id = ${sides.memberId}::uuid`)
  return rows.length > 0
}
