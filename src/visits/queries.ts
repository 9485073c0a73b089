import { and, eq, inArray, lt, lte, notInArray, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { isIn } from '../platform/database/columns.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { build, prepared } from '../platform/database/prepared.ts'
import { urlOf } from '../platform/database/references.ts'
import type { Batch } from '../platform/jobs/sweeps.ts'
import type { OrganisationStatus } from '../organisations/lifecycle.ts'
import { organisations } from '../organisations/tables.ts'
import { pacts } from '../pacts/tables.ts'
import type { ListParameters } from './schemas.ts'
import { retimableStatuses } from './lifecycle.ts'
import { visits } from './tables.ts'
import { spanDaysMax } from './windows.ts'

const columns = {
  id: visits.id,
  version: visits.version,
  createdAt: visits.createdAt,
  updatedAt: visits.updatedAt,
  url: urlOf('visits', visits.id).as('url'),
  status: visits.status,
  pactId: visits.pactId,
  pactTitle: visits.pactTitle,
  hostId: visits.hostId,
  hostName: visits.hostName,
  visitorId: visits.visitorId,
  visitorName: visits.visitorName,
  offeredBy: visits.offeredBy,
  purpose: visits.purpose,
  mode: visits.mode,
  place: visits.place,
  country: visits.country,
  timeZone: visits.timeZone,
  windows: visits.windows,
  windowId: visits.windowId,
  spanStartsAt: visits.spanStartsAt,
  confirmedBy: visits.confirmedBy,
  reportedBy: visits.reportedBy,
  needs: visits.needs,
  returnsVisitId: visits.returnsVisitId,
}

/** A seal of any party hides the pact, and with it the visits of the others under this pact. */
const pactIsVisible = sql`exists (select from ${pacts} where ${pacts.id} = ${visits.pactId})`

const byId = prepared(
  'visit_by_id',
  build
    .select(columns)
    .from(visits)
    .where(and(eq(visits.id, sql.placeholder('id')), pactIsVisible)),
)

export type VisitRow = Awaited<ReturnType<typeof byId>>[number]

export async function visitById(db: Db, id: string): Promise<VisitRow | undefined> {
  const [row] = await byId(db, { id })
  return row
}

/** Locks the row until the transaction ends; every change of a visit or of its participants begins here. */
export async function lockVisit(tx: Tx, id: string) {
  const [row] = await tx.select().from(visits).where(eq(visits.id, id)).for('update')
  return row
}

export type LockedVisit = NonNullable<Awaited<ReturnType<typeof lockVisit>>>

/** Whether the pact is in force; it then stays so until the transaction ends. */
export async function lockPactInForce(tx: Tx, id: string, today: string): Promise<boolean> {
  const held = await tx
    .select({ id: pacts.id })
    .from(pacts)
    .where(
      and(
        eq(pacts.id, id),
        eq(pacts.status, 'active'),
        sql`(${pacts.endsOn} is null or ${pacts.endsOn} >= ${today}::date)`,
      ),
    )
    .for('share')
  return held.length > 0
}

/** What has become of the organisations; they stay so until the transaction ends. For a merged one, its successor acts. */
export const lockOrganisationStatuses = (tx: Tx, ids: string[]) =>
  tx
    .select({
      id: organisations.id,
      status: sql<OrganisationStatus>`coalesce(${successor.status}, ${organisations.status})`,
    })
    .from(organisations)
    .leftJoin(successor, eq(successor.id, organisations.mergedIntoId))
    .where(inArray(organisations.id, ids))
    .orderBy(organisations.id)
    .for('share', { of: organisations })

const successor = alias(organisations, 'successor')

type Narrowing = 'hostId' | 'pactId' | 'status' | 'from' | 'to' | 'updatedAfter'
type Filter = Narrowing | 'after'
type Listing = Pick<ListParameters, Narrowing> & {
  /** The organisations whose visits the caller may read. */
  own: string[]
  after: { value: string; id: string } | undefined
  limit: number
}

/** Lists visits by the start of their span. Each combination of filters is its own prepared statement. */
export async function visitsOf(db: Db, listing: Listing): Promise<VisitRow[]> {
  const { own, hostId, pactId, status, from, to, updatedAfter, after, limit } = listing
  const given = { hostId, pactId, status, from, to, updatedAfter, after }
  const filters = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [name as Filter],
  )
  const values = {
    own,
    hostId,
    pactId,
    status,
    from,
    to,
    updatedAfter,
    limit,
    afterValue: after?.value,
    afterId: after?.id,
  }
  return preparedListing(filters, own.length === 1)(db, values)
}

type Statement = (db: Db, values: Record<string, unknown>) => Promise<VisitRow[]>
const statements = new Map<string, Statement>()

function preparedListing(filters: readonly Filter[], isForOne: boolean): Statement {
  const name = ['visits', ...(isForOne ? ['one'] : []), ...filters].join('_')
  const known = statements.get(name)
  if (known) return known
  const made: Statement = prepared(name, listingStatement(filters, isForOne))
  statements.set(name, made)
  return made
}

function listingStatement(filters: readonly Filter[], isForOne: boolean) {
  // With a host or a pact, one index gives the rows in order. Otherwise the page is merged from the rows of each own
  // organisation, as host and as visitor.
  const narrowed = filters.includes('hostId') || filters.includes('pactId')
  const mayBeRead = sql`(${visits.hostId} = any(${own}) or ${visits.visitorId} = any(${own}))`
  const merged = isForOne ? rowsOfOneOrganisation : firstRowsOfEachOwnOrganisation
  const rows = narrowed
    ? build
        .select(columns)
        .from(visits)
        .where(and(mayBeRead, ...conditions(filters)))
    : build
        .with(build.$with('visits', {}).as(merged(filters)))
        .select(columns)
        .from(visits)
  return rows.orderBy(visits.spanStartsAt, visits.id).limit(limit)
}

const own = sql`${sql.placeholder('own')}::uuid[]`
const limit = sql.placeholder('limit')
const inOrder = sql`order by span_starts_at, id limit ${limit}`

/**
 * Most callers have one organisation. Both indexes then give rows in order, and PostgreSQL merges them until the page is
 * full, instead of reading a page of each: 335 µs instead of 419.
 */
function rowsOfOneOrganisation(filters: readonly Filter[]): SQL {
  const first = (mine: SQL) =>
    sql`(select * from ${visits} where ${and(mine, ...conditions(filters))} ${inOrder})`
  const one = sql`(${own})[1]`
  return sql`${first(sql`${visits.hostId} = ${one}`)} union all ${first(sql`${visits.visitorId} = ${one}`)} ${inOrder}`
}

function firstRowsOfEachOwnOrganisation(filters: readonly Filter[]): SQL {
  const first = (mine: SQL) => sql`(select found.* from unnest(${own}) organisation_id cross join lateral (
    select * from ${visits} where ${and(mine, ...conditions(filters))} ${inOrder}) found)`
  // A visit between two own organisations is listed once, with its host.
  const visiting = sql`${visits.visitorId} = organisation_id and ${visits.hostId} <> all(${own})`
  return sql`${first(sql`${visits.hostId} = organisation_id`)} union all ${first(visiting)} ${inOrder}`
}

function conditions(filters: readonly Filter[]): (SQL | undefined)[] {
  const value = (name: string) => sql.placeholder(name)
  const on = (filter: Filter, condition: SQL) => (filters.includes(filter) ? condition : undefined)
  return [
    sql`not is_sealed_away(array[${visits.hostId}, ${visits.visitorId}])`,
    // Asked only while an organisation is sealed: a pact is hidden for nothing else from those who see the visit.
    sql`(current_setting('pact.seals', true) = 'none' or ${pactIsVisible})`,
    on('hostId', sql`${visits.hostId} = ${value('hostId')}`),
    on('pactId', sql`${visits.pactId} = ${value('pactId')}`),
    on('status', sql`${visits.status} = any(${value('status')}::visit_status[])`),
    on('to', sql`${visits.spanStartsAt} < ${value('to')}::timestamptz`),
    // The second condition follows from the first and limits the range of the index scan.
    on('from', sql`${visits.spanEndsAt} > ${value('from')}::timestamptz`),
    on(
      'from',
      sql`${visits.spanStartsAt} > ${value('from')}::timestamptz - ${sql.raw(`interval '${spanDaysMax} days'`)}`,
    ),
    on('updatedAfter', sql`${visits.updatedAt} > ${value('updatedAfter')}::timestamptz`),
    on(
      'after',
      sql`(${visits.spanStartsAt}, ${visits.id}) > (${value('afterValue')}::timestamptz, ${value('afterId')}::uuid)`,
    ),
  ]
}

const hasStarted = (now: string) => and(isIn(visits.status, 'confirmed'), lte(visits.startsAt, now))
const hasEnded = (now: string) => and(isIn(visits.status, 'in_progress'), lte(visits.endsAt, now))

/** Finds confirmed visits whose time has come. */
export const visitsToStart = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: visits.id })
    .from(visits)
    .where(and(hasStarted(now), notInArray(visits.id, [...except])))
    .orderBy(visits.startsAt, visits.id)
    .limit(limit)

/** Finds visits that are over. */
export const visitsToComplete = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: visits.id })
    .from(visits)
    .where(and(hasEnded(now), notInArray(visits.id, [...except])))
    .orderBy(visits.endsAt, visits.id)
    .limit(limit)

/** Finds visits that are not over and were computed with older zone rules. */
export const visitsToRetime = (db: Db, { limit, except }: Batch, zoneDataVersion: string) =>
  db
    .select({ id: visits.id })
    .from(visits)
    .where(
      and(
        isIn(visits.status, ...retimableStatuses),
        lt(visits.zoneDataVersion, zoneDataVersion),
        notInArray(visits.id, [...except]),
      ),
    )
    .orderBy(visits.zoneDataVersion, visits.id)
    .limit(limit)

/** Stores the release of the zone data. The instants did not change, so the version stays. */
export const stampZoneData = (tx: Tx, id: string, zoneDataVersion: string) =>
  tx.update(visits).set({ zoneDataVersion }).where(eq(visits.id, id))

export const startVisit = (tx: Tx, id: string, now: string) =>
  tryMoveVisit(tx, and(eq(visits.id, id), hasStarted(now)), { status: 'in_progress', updatedAt: now })
export const completeVisit = (tx: Tx, id: string, now: string) =>
  tryMoveVisit(tx, and(eq(visits.id, id), hasEnded(now)), { status: 'completed', updatedAt: now })

/** Moves the visit, unless another transaction has locked or moved it. The job then tries again later. */
async function tryMoveVisit(
  tx: Tx,
  which: SQL | undefined,
  change: Pick<typeof visits.$inferInsert, 'status' | 'updatedAt'>,
) {
  const unlocked = tx.select({ id: visits.id }).from(visits).where(which).for('update', { skipLocked: true })
  const [moved] = await tx
    .update(visits)
    .set({ ...change, version: sql`${visits.version} + 1` })
    .where(inArray(visits.id, unlocked))
    .returning({ id: visits.id, version: visits.version, hostId: visits.hostId })
  return moved
}

/** Locks the visit, or returns undefined if another transaction has locked it. */
export async function tryLockVisit(tx: Tx, id: string) {
  const [row] = await tx.select().from(visits).where(eq(visits.id, id)).for('update', { skipLocked: true })
  return row
}
