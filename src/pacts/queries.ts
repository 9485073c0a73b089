import { and, asc, eq, inArray, isNotNull, lt, notInArray, or, sql, type Column, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { mayMeetSeals, organisationsOf } from '../platform/access.ts'
import type { ActionContext } from '../platform/actions/action-context.ts'
import { dateOf } from '../platform/clock.ts'
import { isIn } from '../platform/database/columns.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { build, prepared } from '../platform/database/prepared.ts'
import { pageOf, positionOf, type Page } from '../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../platform/database/references.ts'
import type { Batch } from '../platform/jobs/sweeps.ts'
import type { Reference } from '../platform/wire/common-schemas.ts'
import { organisations } from '../organisations/tables.ts'
import type { Purpose, PartyStatus } from './lifecycle.ts'
import type { ProposalStatus } from './proposals/lifecycle.ts'
import { proposals } from './proposals/tables.ts'
import { responses } from './responses/tables.ts'
import type { PactListParameters } from './schemas.ts'
import { signatures } from './signatures/tables.ts'
import { pactPairs, pactParties, pacts } from './tables.ts'

const proposer = alias(organisations, 'proposer')

type PartyShown = {
  organisation: Reference
  organisationId: string
  standing: PartyStatus
  declinedNumber: number | null
  declinedAt: string | null
  declinedVersion: number | null
  declined: DeclinedProposal | null
  acceptedCurrent: boolean
  signed: boolean
}

/** What a party that said no goes on seeing: the proposal that it declined, and who had accepted that. */
type DeclinedProposal = {
  id: string
  number: number
  status: ProposalStatus
  authorId: string
  contentDigest: string
  answerBy: string
  acceptedBy: string[]
}

/** Inside of JSON, an instant is written as `instant` columns write it. */
const instantText = (value: SQL | Column): SQL<string> =>
  sql<string>`to_char(${value} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

// Only for those who left is there anything to look up.
const declined = sql<DeclinedProposal | null>`case when party.standing = 'declined' then (
    select jsonb_build_object('id', p.id, 'number', p.number, 'status', p.status, 'authorId', p.author_id,
      'contentDigest', p.content_digest, 'answerBy', ${instantText(sql`p.answer_by`)},
      'acceptedBy', jsonb_build_array(p.author_id) || (
        select coalesce(jsonb_agg(r.organisation_id), '[]') from ${responses} r
        where r.proposal_id = p.id and r.decision = 'accept'))
    from ${proposals} p where p.pact_id = party.pact_id and p.number = party.declined_number) end`

/** The proposer first, then by name. The party that made the current proposal has accepted it. */
const parties = sql<PartyShown[]>`(
  select jsonb_agg(jsonb_build_object(
    'organisation', ${referenceTo('organisations', sql`o.id`, sql`o.name`)},
    'organisationId', o.id, 'standing', party.standing, 'declinedNumber', party.declined_number,
    'declinedAt', ${instantText(sql`party.declined_at`)}, 'declinedVersion', party.declined_version,
    'declined', ${declined},
    'acceptedCurrent', coalesce(${proposals.authorId} = o.id, false) or exists (
      select 1 from ${responses} r
      where r.proposal_id = ${pacts.proposalId} and r.organisation_id = o.id and r.decision = 'accept'),
    'signed', exists (
      select 1 from ${signatures} s where s.proposal_id = ${pacts.proposalId} and s.organisation_id = o.id)
  ) order by o.id <> ${pacts.proposerId}, o.name, o.id)
  from ${pactParties} party join ${organisations} o on o.id = party.organisation_id
  where party.pact_id = ${pacts.id})`

const columns = {
  id: pacts.id,
  version: pacts.version,
  createdAt: pacts.createdAt,
  updatedAt: pacts.updatedAt,
  url: urlOf('pacts', pacts.id),
  status: pacts.status,
  title: pacts.title,
  purpose: pacts.purpose,
  proposerId: pacts.proposerId,
  proposedAt: pacts.proposedAt,
  proposer: referenceTo('organisations', proposer.id, proposer.name),
  parties,
  startsOn: pacts.startsOn,
  endsOn: pacts.endsOn,
  noticeDays: pacts.noticeDays,
  signBy: pacts.signBy,
  activatedAt: pacts.activatedAt,
  proposalId: proposals.id,
  proposalNumber: proposals.number,
  proposalStatus: proposals.status,
  authorId: proposals.authorId,
  contentDigest: proposals.contentDigest,
  answerBy: proposals.answerBy,
}

const byId = prepared(
  'pact_by_id',
  build
    .select(columns)
    .from(pacts)
    .innerJoin(proposer, eq(proposer.id, pacts.proposerId))
    .leftJoin(proposals, eq(proposals.id, pacts.proposalId))
    .where(eq(pacts.id, sql.placeholder('id'))),
)

export type PactRow = Awaited<ReturnType<typeof byId>>[number]

export async function pactById(db: Db, id: string): Promise<PactRow | undefined> {
  const [row] = await byId(db, { id })
  return row
}

/**
 * The caller's own pacts, newest first: ids are made in the order of time. Each own organisation gives its first ones
 * from the index of its parties, and the page is what comes first among them.
 */
export async function listPacts(
  db: Db,
  context: ActionContext,
  query: PactListParameters,
): Promise<Page<PactRow>> {
  const own = organisationsOf(context.caller)
  const rows = await db
    .with(db.$with('pacts', {}).as(firstRowsOfEachOwnOrganisation(own, mayMeetSeals(context.caller), query)))
    .select(columns)
    .from(pacts)
    .innerJoin(proposer, eq(proposer.id, pacts.proposerId))
    .leftJoin(proposals, eq(proposals.id, pacts.proposalId))
    .orderBy(sql`${pacts.id} desc`)
  return pageOf(rows, query, (row) => row.id)
}

function firstRowsOfEachOwnOrganisation(
  own: string[],
  isSealedPossible: boolean,
  query: PactListParameters,
): SQL {
  const after = positionOf(query, 'id')
  const ours = sql`${sql.param(own)}::uuid[]`
  const first = sql`limit ${query.limit + 1}`
  const conditions = and(
    sql`mine.organisation_id = own.id`,
    after && sql`mine.pact_id < ${after.id}`,
    // A pact of several of one's own comes with the first of them only. As `not exists` it would be joined, and with
    // that all parties of all own pacts read.
    // PostgreSQL expects of `=` with a subquery that hardly a row fits, and would sort all of them; of this, every second.
    sql`coalesce(mine.organisation_id = (select other.organisation_id from ${ownPartyRows(ours)} order by 1 limit 1), false)`,
    or(isNotNull(pacts.proposedAt), sql`${pacts.proposerId} = any(${ours})`),
    isSealedPossible
      ? sql`not is_sealed_away(array(select party.organisation_id from ${pactParties} party where party.pact_id = mine.pact_id))`
      : undefined,
    ...filterConditions(query, ours),
  )
  return sql`select found.* from unnest(${ours}) own (id) cross join lateral (
      select ${pacts}.* from ${pactParties} mine ${joinPact}
      where ${conditions} order by mine.pact_id desc ${first}) found
    order by found.id desc ${first}`
}

/** Looked up for one party after another: left to itself, PostgreSQL may walk all pacts in order to meet the few. */
const joinPact = sql`cross join lateral (select * from ${pacts} where ${pacts.id} = mine.pact_id offset 0) ${pacts}`

const ownPartyRows = (ours: SQL): SQL =>
  sql`${pactParties} other where other.pact_id = mine.pact_id and other.organisation_id = any(${ours})`

/** They ask what the caller sees: for those who left, the pact stays as it was then. */
function filterConditions(query: PactListParameters, ours: SQL): (SQL | undefined)[] {
  const hasLeft = sql`mine.standing = 'declined'
    and not exists (select 1 from ${ownPartyRows(ours)} and other.standing <> 'declined')`
  const status = sql`case when ${hasLeft} then 'declined' else ${pacts.status} end`
  const leftAt = sql`(select max(other.declined_at) from ${ownPartyRows(ours)})`
  const updatedAt = sql`case when ${hasLeft} then ${leftAt} else ${pacts.updatedAt} end`
  return [
    query.status && sql`${status} = any(${sql.param(query.status)}::pact_status[])`,
    query.purpose && inArray(pacts.purpose, query.purpose),
    query.partyId &&
      sql`exists (select 1 from ${pactParties} party
        where party.pact_id = mine.pact_id and party.organisation_id = ${query.partyId})`,
    query.updatedAfter && sql`${updatedAt} > ${query.updatedAfter}`,
  ].map((condition) => condition || undefined)
}

/** Locks the row until the transaction ends; every change of a pact begins here. */
export async function lockPactRow(tx: Tx, id: string) {
  const [row] = await tx.select().from(pacts).where(eq(pacts.id, id)).for('update')
  return row
}

export const partiesOf = (db: Db, pactId: string) =>
  db
    .select({
      organisationId: pactParties.organisationId,
      standing: pactParties.standing,
      declinedNumber: pactParties.declinedNumber,
      declinedAt: pactParties.declinedAt,
      declinedVersion: pactParties.declinedVersion,
    })
    .from(pactParties)
    .where(eq(pactParties.pactId, pactId))
    .orderBy(asc(pactParties.organisationId))

/** What `mayRead` needs to know of a pact, for those who read a part of it. */
export async function knownPact(db: Db, id: string) {
  const [row] = await db
    .select({
      id: pacts.id,
      status: pacts.status,
      proposerId: pacts.proposerId,
      proposedAt: pacts.proposedAt,
    })
    .from(pacts)
    .where(eq(pacts.id, id))
  return row && { ...row, parties: await partiesOf(db, id) }
}

/** They stay what they are until the transaction ends; in order, so that two who ask do not wait in a circle. */
export const lockOrganisationsShared = (tx: Tx, ids: readonly string[]) =>
  tx
    .select({
      name: organisations.name,
      status: organisations.status,
      mergedIntoId: organisations.mergedIntoId,
    })
    .from(organisations)
    .where(inArray(organisations.id, [...ids]))
    .orderBy(asc(organisations.id))
    .for('share')

type Wanted = { purpose: Purpose; parties: readonly string[]; term: string }

/** A pact of the same purpose, being signed or in force, that this organisation has with one of the others then. */
export async function overlappingPact(tx: Tx, organisationId: string, { purpose, parties, term }: Wanted) {
  const [row] = await tx
    .select({ pactId: pactPairs.pactId })
    .from(pactPairs)
    .where(
      and(
        eq(pactPairs.purpose, purpose),
        sql`${pactPairs.term} && ${term}::daterange`,
        or(
          and(eq(pactPairs.lowerId, organisationId), inArray(pactPairs.higherId, [...parties])),
          and(eq(pactPairs.higherId, organisationId), inArray(pactPairs.lowerId, [...parties])),
        ),
      ),
    )
    .limit(1)
  return row
}

const isToLapse = (now: string) => and(isIn(pacts.status, 'signing'), lt(pacts.signBy, now))

/** Pacts whose time to sign is over. */
export const pactsToLapse = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: pacts.id })
    .from(pacts)
    .where(and(isToLapse(now), notInArray(pacts.id, [...except])))
    .orderBy(asc(pacts.signBy), asc(pacts.id))
    .limit(limit)

const isToExpire = (now: string) => and(isIn(pacts.status, 'active'), lt(pacts.endsOn, dateOf(now)))

/** Pacts whose last day is over. */
export const pactsToExpire = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: pacts.id })
    .from(pacts)
    .where(and(isToExpire(now), notInArray(pacts.id, [...except])))
    .orderBy(asc(pacts.endsOn), asc(pacts.id))
    .limit(limit)

/** The pact, unless someone is changing it just now: then the clock comes again. */
async function tryLock(tx: Tx, condition: SQL | undefined) {
  const [row] = await tx.select().from(pacts).where(condition).for('update', { skipLocked: true })
  return row && { ...row, parties: await partiesOf(tx, row.id) }
}

export const lockPactToLapse = (tx: Tx, id: string, now: string) =>
  tryLock(tx, and(eq(pacts.id, id), isToLapse(now)))
export const lockPactToExpire = (tx: Tx, id: string, now: string) =>
  tryLock(tx, and(eq(pacts.id, id), isToExpire(now)))
export const tryLockPact = (tx: Tx, id: string) => tryLock(tx, eq(pacts.id, id))
