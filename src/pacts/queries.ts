import { and, asc, eq, gt, inArray, isNotNull, lt, or, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { organisationsOf, type Caller } from '../platform/access.ts'
import { build, prepared, type Db, type Tx } from '../platform/database.ts'
import { pageOf, positionOf, type Page } from '../platform/pages.ts'
import { referenceTo, urlOf } from '../platform/references.ts'
import type { Reference } from '../platform/wire.ts'
import { organisations } from '../organisations/tables.ts'
import type { Standing } from './lifecycle.ts'
import { proposals } from './proposals/tables.ts'
import { responses } from './responses/tables.ts'
import type { PactListParameters } from './schemas.ts'
import { signatures } from './signatures/tables.ts'
import { pactParties, pacts } from './tables.ts'

const proposer = alias(organisations, 'proposer')

type PartyShown = {
  organisation: Reference
  organisationId: string
  standing: Standing
  declinedNumber: number | null
  acceptedCurrent: boolean
  signed: boolean
}

/** The proposer first, then in the order of the names. Whoever made the current proposal has accepted it. */
const parties = sql<PartyShown[]>`(
  select jsonb_agg(jsonb_build_object(
    'organisation', ${referenceTo('organisations', sql`o.id`, sql`o.name`)},
    'organisationId', o.id, 'standing', party.standing, 'declinedNumber', party.declined_number,
    'acceptedCurrent', coalesce(${proposals.authorId} = o.id, false) or exists (
      select 1 from ${responses} r
      where r.proposal_id = ${pacts.proposalId} and r.organisation_id = o.id and r.decision = 'accept'),
    'signed', exists (
      select 1 from ${signatures} s where s.proposal_id = ${pacts.proposalId} and s.organisation_id = o.id)
  ) order by o.id <> ${pacts.proposerId}, o.name, o.id)
  from ${pactParties} party join ${organisations} o on o.id = party.organisation_id
  where party.pact_id = ${pacts.id})`

const shown = {
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
    .select(shown)
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

/** The caller's own pacts, newest first: ids are made in the order of time. */
export async function listPacts(db: Db, caller: Caller, query: PactListParameters): Promise<Page<PactRow>> {
  const after = positionOf(query, 'id')
  const rows = await db
    .select(shown)
    .from(pacts)
    .innerJoin(proposer, eq(proposer.id, pacts.proposerId))
    .leftJoin(proposals, eq(proposals.id, pacts.proposalId))
    .where(and(visibleTo(caller), ...filters(query), after && lt(pacts.id, after.id)))
    .orderBy(sql`${pacts.id} desc`)
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.id)
}

/** The list holds what `mayRead` would show one by one. */
function visibleTo(caller: Caller): SQL | undefined {
  const own = organisationsOf(caller)
  if (own.length === 0) return sql`false`
  return and(
    hasParty(inArray(pactParties.organisationId, own)),
    or(isNotNull(pacts.proposedAt), inArray(pacts.proposerId, own)),
  )
}

const hasParty = (which: SQL): SQL =>
  sql`exists (select 1 from ${pactParties} where ${pactParties.pactId} = ${pacts.id} and ${which})`

function filters(query: PactListParameters): (SQL | undefined)[] {
  return [
    query.status && inArray(pacts.status, query.status),
    query.purpose && inArray(pacts.purpose, query.purpose),
    query.partyId === undefined ? undefined : hasParty(eq(pactParties.organisationId, query.partyId)),
    query.updatedAfter === undefined ? undefined : gt(pacts.updatedAt, query.updatedAfter),
  ]
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

const sweptAtOnce = 500

/** Pacts whose time to sign is over. Those that someone is changing just now wait for the next round. */
export const pactsToLapse = (tx: Tx, now: string) =>
  tx
    .select()
    .from(pacts)
    .where(and(eq(pacts.status, 'signing'), lt(pacts.signBy, now)))
    .limit(sweptAtOnce)
    .for('update', { skipLocked: true })

/** Pacts whose last day is over. */
export const pactsToExpire = (tx: Tx, today: string) =>
  tx
    .select()
    .from(pacts)
    .where(and(eq(pacts.status, 'active'), lt(pacts.endsOn, today)))
    .limit(sweptAtOnce)
    .for('update', { skipLocked: true })

/** Pacts whose open proposal can no longer be accepted. Both rows are locked, so that both are as they were found. */
export const pactsWithLateProposal = (tx: Tx, now: string) =>
  tx
    .select({ pact: pacts, proposalId: proposals.id })
    .from(pacts)
    .innerJoin(proposals, and(eq(proposals.pactId, pacts.id), eq(proposals.status, 'open')))
    .where(lt(proposals.answerBy, now))
    .limit(sweptAtOnce)
    .for('update', { skipLocked: true })
