import { and, eq, inArray, lte } from 'drizzle-orm'
import { isIn } from '../../platform/database/columns.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo } from '../../platform/database/references.ts'
import { organisations } from '../../organisations/tables.ts'
import { proposals } from '../proposals/tables.ts'
import type { ResponseListParameters } from './schemas.ts'
import { responses } from './tables.ts'

const columns = {
  id: responses.id,
  createdAt: responses.createdAt,
  pactId: responses.pactId,
  proposalId: responses.proposalId,
  contentDigest: responses.contentDigest,
  organisation: referenceTo('organisations', organisations.id, organisations.name),
  organisationStatus: responses.organisationStatus,
  decision: responses.decision,
  statement: responses.statement,
  language: responses.language,
}

const selectResponses = (db: Db) =>
  db
    .select(columns)
    .from(responses)
    .innerJoin(organisations, eq(organisations.id, responses.organisationId))
    .innerJoin(proposals, eq(proposals.id, responses.proposalId))

export async function responseById(db: Db, id: string) {
  const [row] = await selectResponses(db).where(eq(responses.id, id))
  return row
}

export type ResponseRow = NonNullable<Awaited<ReturnType<typeof responseById>>>

/** Up to where the caller may read: the number of the last proposal and, for those who left, when they did. */
type Readable = { number: number; until: string | undefined }

/** Newest first. */
export async function responsesOfPact(
  db: Db,
  pactId: string,
  { number, until }: Readable,
  query: ResponseListParameters,
): Promise<Page<ResponseRow>> {
  const rows = await selectResponses(db)
    .where(
      and(
        eq(responses.pactId, pactId),
        lte(proposals.number, number),
        until === undefined ? undefined : lte(responses.createdAt, until),
        query.proposalId === undefined ? undefined : eq(responses.proposalId, query.proposalId),
        query.decision && inArray(responses.decision, query.decision),
        newestAfter(responses.createdAt, responses.id, positionOf(query)),
      ),
    )
    .orderBy(...newestFirst(responses.createdAt, responses.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

/** The parties that accepted this proposal by a response. */
export async function acceptedBy(tx: Tx, proposalId: string): Promise<string[]> {
  const rows = await tx
    .select({ organisationId: responses.organisationId })
    .from(responses)
    .where(and(eq(responses.proposalId, proposalId), isIn(responses.decision, 'accept')))
  return rows.map((row) => row.organisationId)
}
