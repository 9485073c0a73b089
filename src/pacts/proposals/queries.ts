import { and, desc, eq, inArray, lt, lte, notInArray, sql } from 'drizzle-orm'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { ledger } from '../../platform/ledger/ledger.ts'
import { pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo, urlOf } from '../../platform/database/references.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import { organisations } from '../../organisations/tables.ts'
import { responses } from '../responses/tables.ts'
import { pactParties, pacts } from '../tables.ts'
import type { ProposalListParameters } from './schemas.ts'
import { proposals } from './tables.ts'

const columns = {
  id: proposals.id,
  version: proposals.version,
  createdAt: proposals.createdAt,
  updatedAt: proposals.updatedAt,
  url: urlOf('proposals', proposals.id),
  pactId: proposals.pactId,
  pact: referenceTo('pacts', pacts.id, pacts.title),
  number: proposals.number,
  status: proposals.status,
  authorId: proposals.authorId,
  author: referenceTo('organisations', organisations.id, organisations.name),
  supersedesId: proposals.supersedesId,
  answerBy: proposals.answerBy,
  contentDigest: proposals.contentDigest,
  content: proposals.content,
}

const selectProposals = (db: Db) =>
  db
    .select(columns)
    .from(proposals)
    .innerJoin(pacts, eq(pacts.id, proposals.pactId))
    .innerJoin(organisations, eq(organisations.id, proposals.authorId))

export async function proposalById(db: Db, id: string) {
  const [row] = await selectProposals(db).where(eq(proposals.id, id))
  return row
}

export type ProposalRow = NonNullable<Awaited<ReturnType<typeof proposalById>>>

/** Newest first, up to the last number that the caller may read. */
export async function proposalsOfPact(
  db: Db,
  pactId: string,
  lastNumber: number,
  query: ProposalListParameters,
): Promise<Page<ProposalRow>> {
  const after = positionOf(query, 'number')
  const rows = await selectProposals(db)
    .where(
      and(
        eq(proposals.pactId, pactId),
        lte(proposals.number, lastNumber),
        query.status && inArray(proposals.status, query.status),
        after && lt(proposals.number, Number(after.value)),
      ),
    )
    .orderBy(desc(proposals.number))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => String(row.number))
}

export async function proposalOfPact(tx: Tx, pactId: string, proposalId: string) {
  const [row] = await tx
    .select()
    .from(proposals)
    .where(and(eq(proposals.pactId, pactId), eq(proposals.id, proposalId)))
  return row
}

export async function openProposal(tx: Tx, pactId: string) {
  const [row] = await tx
    .select({ id: proposals.id, contentDigest: proposals.contentDigest })
    .from(proposals)
    .where(and(eq(proposals.pactId, pactId), eq(proposals.status, 'open')))
  return row
}

const isPastDeadline = (now: string) => and(isIn(proposals.status, 'open'), lt(proposals.answerBy, now))

/** Finds pacts whose open proposal is past its deadline. */
export const pactsWithOverdueProposal = (db: Db, { now, limit, except }: Batch) =>
  db
    .select({ id: proposals.pactId })
    .from(proposals)
    .where(and(isPastDeadline(now), notInArray(proposals.pactId, [...except])))
    .orderBy(proposals.answerBy, proposals.id)
    .limit(limit)

export async function overdueProposal(tx: Tx, pactId: string, now: string) {
  const [row] = await tx
    .select({ id: proposals.id })
    .from(proposals)
    .where(and(eq(proposals.pactId, pactId), isPastDeadline(now)))
  return row
}

/** Serialises concurrent reminders of one proposal. */
export const lockProposalForReminder = (tx: Tx, id: string) =>
  tx.select({ id: proposals.id }).from(proposals).where(eq(proposals.id, id)).for('no key update')

/** Returns the next proposal number. The caller must hold the lock of the pact. */
export async function nextNumber(tx: Tx, pactId: string): Promise<number> {
  const [row] = await tx
    .select({ last: sql<number | null>`max(${proposals.number})` })
    .from(proposals)
    .where(eq(proposals.pactId, pactId))
  return (row?.last ?? 0) + 1
}

/** The type of the ledger entry that reminds a party of its answer. */
export const answerDueEntry = 'proposal.answer_due'

/** Finds the parties that have not answered this open proposal and were not reminded before. Empty if it is closed. */
export const partiesToAnswer = (tx: Tx, proposalId: string) =>
  tx
    .select({
      organisationId: pactParties.organisationId,
      pactId: proposals.pactId,
      version: proposals.version,
    })
    .from(proposals)
    .innerJoin(pactParties, eq(pactParties.pactId, proposals.pactId))
    .where(
      and(
        eq(proposals.id, proposalId),
        eq(proposals.status, 'open'),
        sql`${pactParties.standing} <> 'declined' and ${pactParties.organisationId} <> ${proposals.authorId}`,
        sql`not exists (
          select 1 from ${responses}
          where ${responses.proposalId} = ${proposals.id} and ${responses.organisationId} = ${pactParties.organisationId}
            and ${responses.decision} in ('accept', 'decline'))`,
        sql`not exists (
          select 1 from ${ledger}
          where ${ledger.subjectId} = ${proposals.id} and ${ledger.type} = ${answerDueEntry}
            and ${ledger.organisationId} = ${pactParties.organisationId})`,
      ),
    )
    .orderBy(pactParties.organisationId)
