import { and, arrayOverlaps, eq, gt, inArray, isNull, lt, or, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { organisationsOf, type Caller } from '../platform/access.ts'
import type { ActionContext } from '../platform/actions/action-context.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { build, prepared } from '../platform/database/prepared.ts'
import {
  newestAfter,
  newestFirst,
  pageOf,
  positionOf,
  type Page,
  type Position,
} from '../platform/wire/cursors.ts'
import { referenceTo, subquery, urlOf } from '../platform/database/references.ts'
import { systemRlsContext } from '../platform/database/rls-context.ts'
import type { Reference } from '../platform/wire/common-schemas.ts'
import { containsWord, resemblesWord, searchFormOf, wordsOf } from './search/queries.ts'
import { mayRead, readableStatuses } from './policy.ts'
import type { ListParameters } from './schemas.ts'
import { organisations } from './tables.ts'

const successor = alias(organisations, 'successor')

const columns = {
  id: organisations.id,
  version: organisations.version,
  createdAt: organisations.createdAt,
  updatedAt: organisations.updatedAt,
  url: urlOf('organisations', organisations.id),
  status: organisations.status,
  kind: organisations.kind,
  name: organisations.name,
  nameVariants: organisations.nameVariants,
  abbreviation: organisations.abbreviation,
  country: organisations.country,
  region: organisations.region,
  languages: organisations.languages,
  industries: organisations.industries,
  website: organisations.website,
  about: organisations.about,
  memberCount: organisations.memberCount,
  externalIds: organisations.externalIds,
  pending: organisations.pending,
  sealedAt: organisations.sealedAt,
  vouchBy: organisations.vouchBy,
  createdByOrganisationId: organisations.createdByOrganisationId,
  claimedAt: organisations.claimedAt,
  invitedById: organisations.invitedById,
  vouchingCoordinationId: organisations.vouchingCoordinationId,
  renaming: organisations.renaming,
  formerNames: organisations.formerNames,
  mergedInto: subquery(
    sql<Reference | null>`select ${referenceTo('organisations', successor.id, successor.name)}
      from ${organisations} successor where ${successor.id} = ${organisations.mergedIntoId}`,
  ),
}

export const selectOrganisations = (db: Db) => db.select(columns).from(organisations)

const byId = prepared(
  'organisation_by_id',
  build
    .select(columns)
    .from(organisations)
    .where(eq(organisations.id, sql.placeholder('id'))),
)

export type OrganisationRow = Awaited<ReturnType<typeof byId>>[number]

export async function organisationById(db: Db, id: string): Promise<OrganisationRow | undefined> {
  const [row] = await byId(db, { id })
  return row
}

/**
 * Locks the organisation until the transaction ends; every change of one begins here. The lock leaves the key free, so
 * that mandates, pacts and visits can be written meanwhile.
 */
export async function lockOrganisation(tx: Tx, id: string) {
  const [row] = await tx.select().from(organisations).where(eq(organisations.id, id)).for('no key update')
  return row
}

/** References to those of these organisations that the caller may read. */
export async function organisationReferences(db: Db, { caller }: ActionContext, ids: readonly string[]) {
  const { id, name, status, sealedAt, kind } = organisations
  const rows = await db
    .select({ id, name, status, sealedAt, kind, url: urlOf('organisations', id) })
    .from(organisations)
    .where(inArray(id, [...ids]))
  return rows.filter((row) => mayRead(caller, row))
}

/** Makes organisations that were merged into the one point at the other. */
export const replaceSuccessor = (tx: Tx, now: string, fromId: string, intoId: string) =>
  tx
    .update(organisations)
    .set({ mergedIntoId: intoId, version: sql`${organisations.version} + 1`, updatedAt: now })
    .where(eq(organisations.mergedIntoId, fromId))
    .returning({ id: organisations.id, version: organisations.version })

/** Lists organisations, newest first; with `updatedAfter`, last changed first; with `q`, best matches first. */
export async function listOrganisations(
  db: Db,
  context: ActionContext,
  query: ListParameters,
): Promise<Page<OrganisationRow>> {
  const { caller } = context
  const after = positionOf(query, query.q === undefined ? 'instant' : 'likeness')
  if (query.q !== undefined) return searchOrganisations(db, context, query, { q: query.q, after })
  const rows = await preparedListFor(caller, query)(db, {
    own: organisationsOf(caller),
    after: after?.value,
    afterId: after?.id,
    limit: query.limit + 1,
    industry: query.industry,
    updatedAfter: query.updatedAfter,
    ...Object.fromEntries([...numbered('country', query.country), ...numbered('kind', query.kind)]),
  })
  return pageOf(rows, query, (row) => row[sortField(query)])
}

/** With `updatedAfter`, the index in the order of changes skips the unchanged rows. */
const sortField = ({ updatedAfter }: ListParameters) =>
  updatedAfter === undefined ? 'createdAt' : 'updatedAt'

type PreparedList = (db: Db, values: Record<string, unknown>) => Promise<OrganisationRow[]>
const preparedLists = new Map<string, PreparedList>()
/** Rare combinations of filters are not kept. */
const preparedListsMax = 200

/** Prepares one statement for each combination of readable statuses, filters and number of values. */
function preparedListFor(caller: Caller, query: ListParameters): PreparedList {
  const { status, country, kind, industry, updatedAfter, cursor } = query
  const visibility = [readableStatuses(caller), organisationsOf(caller).length > 0, status]
  const given = [updatedAfter !== undefined, cursor !== undefined]
  const shape = JSON.stringify([visibility, country?.length, kind?.length, industry && true, given])
  const existing = preparedLists.get(shape)
  if (existing) return existing
  const statement: PreparedList = prepared(undefined, listStatement(caller, query))
  if (preparedLists.size < preparedListsMax) preparedLists.set(shape, statement)
  return statement
}

function listStatement(caller: Caller, query: ListParameters) {
  const value = (name: string) => sql.placeholder(name)
  const sortColumn = organisations[sortField(query)]
  const among = (name: string, values: readonly string[] | undefined) =>
    numbered(name, values).map(([placeholder]) => value(placeholder))
  return build
    .select(columns)
    .from(organisations)
    .where(
      and(
        visibleTo(caller, query.status, sql`${organisations.id} = any(${value('own')}::uuid[])`),
        query.country && inArray(organisations.country, among('country', query.country)),
        query.kind && inArray(organisations.kind, among('kind', query.kind)),
        query.industry && sql`${organisations.industries} && ${value('industry')}::text[]`,
        query.updatedAfter === undefined
          ? undefined
          : sql`${organisations.updatedAt} > ${value('updatedAfter')}::timestamptz`,
        query.cursor === undefined
          ? undefined
          : newestAfter(sortColumn, organisations.id, {
              value: value('after'),
              id: value('afterId'),
            }),
      ),
    )
    .orderBy(...newestFirst(sortColumn, organisations.id))
    .limit(value('limit'))
}

const numbered = (name: string, values: readonly string[] | undefined): [string, string][] =>
  (values ?? []).map((value, i) => [`${name}${i}`, value])

/**
 * Searches with RLS bypassed, because policies would keep PostgreSQL from using the index: it evaluates an operator
 * that is not leakproof only after the policy. The matches are then read as the caller.
 */
async function searchOrganisations(
  db: Db,
  context: ActionContext,
  query: ListParameters,
  { q, after }: { q: string; after: Position | undefined },
): Promise<Page<OrganisationRow>> {
  const unrestricted = context.db.as(systemRlsContext).read
  const found = await mostSimilar(unrestricted, context, {
    query,
    sought: await searchFormOf(unrestricted, q),
    after,
  })
  const rows = await db
    .select(columns)
    .from(organisations)
    .where(sql`${organisations.id} = any(${sql.param(found.map(({ id }) => id))}::uuid[])`)
  const rowOf = new Map(rows.map((row) => [row.id, row]))
  const inOrder = found.flatMap(({ id, likeness }) => {
    const row = rowOf.get(id)
    return row ? [{ ...row, likeness }] : []
  })
  return pageOf(inOrder, query, (row) => String(row.likeness))
}

type Search = { query: ListParameters; sought: string; after: Position | undefined }

/** A match of whole words ranks above a mere resemblance. */
const wordMatchLikeness = 0.8

export function mostSimilar(db: Db, context: ActionContext, { query, sought, after }: Search) {
  const similarity = sql`word_similarity(${sought}::text, ${organisations.searchText})::float8`
  const words = wordsOf(sought)
  const holds = and(...words.map(containsWord)) ?? sql`false`
  const likeness = sql<number>`greatest(${similarity}, case when ${holds} then ${sql.raw(String(wordMatchLikeness))}::float8 end)`
  return db
    .select({ id: organisations.id, likeness: likeness.as('likeness') })
    .from(organisations)
    .where(
      and(
        and(...words.map((word) => or(containsWord(word), resemblesWord(word)))) ?? sql`false`,
        visibleTo(context.caller, query.status),
        ...filters(query),
        after &&
          or(
            lt(likeness, Number(after.value)),
            and(eq(likeness, Number(after.value)), lt(organisations.id, after.id)),
          ),
      ),
    )
    .orderBy(sql`likeness desc`, sql`${organisations.id} desc`)
    .limit(query.limit + 1)
}

function filters(query: ListParameters): (SQL | undefined)[] {
  return [
    query.country && inArray(organisations.country, query.country),
    query.kind && inArray(organisations.kind, query.kind),
    query.industry && arrayOverlaps(organisations.industries, query.industry),
    query.updatedAfter === undefined ? undefined : gt(organisations.updatedAt, query.updatedAfter),
  ]
}

/** The same rule as `mayRead`, for lists. */
function visibleTo(
  caller: Caller,
  asked: ListParameters['status'],
  isOwn: SQL = inArray(organisations.id, organisationsOf(caller)),
): SQL | undefined {
  const readable = readableStatuses(caller).filter((status) => !asked || asked.includes(status))
  return or(
    readable.length > 0
      ? and(inArray(organisations.status, readable), isNull(organisations.sealedAt))
      : sql`false`,
    organisationsOf(caller).length > 0
      ? and(isOwn, asked && inArray(organisations.status, asked))
      : undefined,
  )
}
