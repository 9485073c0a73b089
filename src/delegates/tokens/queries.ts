import { and, eq, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import { administeredBy, type Caller } from '../../platform/access.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { newestAfter, newestFirst, pageOf, positionOf } from '../../platform/pages.ts'
import { referenceTo, subquery } from '../../platform/references.ts'
import type { Reference } from '../../platform/wire.ts'
import { organisations } from '../../organisations/tables.ts'
import type { TokenListParameters } from './schemas.ts'
import { enrolmentLinks, tokens } from './tables.ts'

const shown = {
  id: tokens.id,
  kind: tokens.kind,
  label: tokens.label,
  scopes: tokens.scopes,
  powers: tokens.powers,
  createdAt: tokens.createdAt,
  expiresAt: tokens.expiresAt,
  revokedAt: tokens.revokedAt,
  organisation: subquery(
    sql<Reference | null>`select ${referenceTo('organisations', organisations.id, organisations.name)}
      from ${organisations} where ${organisations.id} = ${tokens.organisationId}`,
  ),
}

/** The caller's own, and the clients of organisations that they administer. Never a secret, never a hash. */
export async function visibleTokens(db: Db, caller: Caller, query: TokenListParameters) {
  const rows = await db
    .select(shown)
    .from(tokens)
    .where(and(visibleTo(caller), newestAfter(tokens.createdAt, tokens.id, positionOf(query))))
    .orderBy(...newestFirst(tokens.createdAt, tokens.id))
    .limit(query.limit + 1)
  return pageOf(rows, query, (row) => row.createdAt)
}

export async function tokenById(db: Db, caller: Caller, id: string) {
  const [row] = await db
    .select(shown)
    .from(tokens)
    .where(and(eq(tokens.id, id), visibleTo(caller)))
  return row
}

/** The operator's expired token stays: without it nobody could tell that there was one. */
export async function deleteTokensDeadSince(tx: Tx, before: string, limit: number): Promise<number> {
  const dead = tx
    .select({ id: tokens.id })
    .from(tokens)
    .where(and(lt(tokens.expiresAt, before), sql`${tokens.kind} <> 'operator'`))
    .limit(limit)
    .for('update', { skipLocked: true })
  const { rowCount } = await tx.delete(tokens).where(inArray(tokens.id, dead))
  return rowCount ?? 0
}

export async function deleteDeadEnrolmentLinks(tx: Tx, now: string, limit: number): Promise<number> {
  const { expiresAt, usedAt, revokedAt } = enrolmentLinks
  const dead = tx
    .select({ id: enrolmentLinks.id })
    .from(enrolmentLinks)
    .where(or(lt(expiresAt, now), lt(usedAt, now), lt(revokedAt, now)))
    .limit(limit)
    .for('update', { skipLocked: true })
  const { rowCount } = await tx.delete(enrolmentLinks).where(inArray(enrolmentLinks.id, dead))
  return rowCount ?? 0
}

function visibleTo(caller: Caller): SQL | undefined {
  const administered = administeredBy(caller)
  return or(
    caller.kind === 'delegate' ? eq(tokens.delegateId, caller.delegateId) : undefined,
    'tokenId' in caller ? eq(tokens.id, caller.tokenId) : sql`false`,
    administered.length > 0 ? inArray(tokens.organisationId, administered) : undefined,
  )
}
