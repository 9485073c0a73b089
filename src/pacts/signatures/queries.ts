import { and, asc, eq, lte } from 'drizzle-orm'
import type { Db } from '../../platform/database/database.ts'
import { referenceTo } from '../../platform/database/references.ts'
import { organisations } from '../../organisations/tables.ts'
import { proposals } from '../proposals/tables.ts'
import { signatures } from './tables.ts'

/** Oldest first, of the proposals that the caller may read. */
export const signaturesOfPact = (db: Db, pactId: string, lastNumber: number) =>
  db
    .select({
      id: signatures.id,
      pactId: signatures.pactId,
      proposalId: signatures.proposalId,
      contentDigest: signatures.contentDigest,
      party: referenceTo('organisations', organisations.id, organisations.name),
      organisationStatus: signatures.organisationStatus,
      signedAt: signatures.signedAt,
      receipt: signatures.receipt,
    })
    .from(signatures)
    .innerJoin(organisations, eq(organisations.id, signatures.organisationId))
    .innerJoin(proposals, eq(proposals.id, signatures.proposalId))
    .where(and(eq(signatures.pactId, pactId), lte(proposals.number, lastNumber)))
    .orderBy(asc(signatures.signedAt), asc(signatures.id))

export type SignatureRow = Awaited<ReturnType<typeof signaturesOfPact>>[number]

/** The parties that have signed this proposal. */
export async function signedBy(db: Db, proposalId: string): Promise<string[]> {
  const rows = await db
    .select({ organisationId: signatures.organisationId })
    .from(signatures)
    .where(eq(signatures.proposalId, proposalId))
  return rows.map((row) => row.organisationId)
}
