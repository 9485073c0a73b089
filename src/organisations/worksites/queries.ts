import { and, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf, type Page } from '../../platform/wire/cursors.ts'
import { referenceTo } from '../../platform/database/references.ts'
import { organisations } from '../tables.ts'
import type { WorksiteListParameters } from './schemas.ts'
import { worksites } from './tables.ts'

const columns = {
  id: worksites.id,
  version: worksites.version,
  createdAt: worksites.createdAt,
  updatedAt: worksites.updatedAt,
  url: sql<string>`'/v1/organisations/' || ${worksites.organisationId} || '/worksites/' || ${worksites.id}`,
  organisation: referenceTo('organisations', organisations.id, organisations.name),
  employer: worksites.employer,
  place: worksites.place,
  country: worksites.country,
  industry: worksites.industry,
}

const selectWorksites = (db: Db) =>
  db.select(columns).from(worksites).innerJoin(organisations, eq(organisations.id, worksites.organisationId))

/** Finds a worksite under the organisation that it belongs to. */
export async function worksiteOf(
  db: Db,
  organisationId: string,
  id: string,
): Promise<WorksiteRow | undefined> {
  const [row] = await selectWorksites(db).where(
    and(eq(worksites.id, id), eq(worksites.organisationId, organisationId)),
  )
  return row
}

export type WorksiteRow = Awaited<ReturnType<typeof selectWorksites>>[number]

export async function worksitesOf(
  db: Db,
  organisationId: string,
  query: WorksiteListParameters,
): Promise<Page<WorksiteRow>> {
  const after = newestAfter(worksites.createdAt, worksites.id, positionOf(query))
  const rows = await selectWorksites(db)
    .where(and(eq(worksites.organisationId, organisationId), after))
    .orderBy(...newestFirst(worksites.createdAt, worksites.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function lockWorksite(tx: Tx, organisationId: string, id: string) {
  const [row] = await tx
    .select()
    .from(worksites)
    .where(and(eq(worksites.id, id), eq(worksites.organisationId, organisationId)))
    .for('update')
  return row
}

export const transferWorksites = (tx: Tx, now: string, fromId: string, intoId: string) =>
  tx
    .update(worksites)
    .set({ organisationId: intoId, version: sql`${worksites.version} + 1`, updatedAt: now })
    .where(eq(worksites.organisationId, fromId))
    .returning({ id: worksites.id, version: worksites.version })
