import { and, desc, eq, inArray, or, sql, type SQL } from 'drizzle-orm'
import { mandatesOf, type Caller } from '../../platform/access.ts'
import type { Db } from '../../platform/database.ts'
import { referenceTo, subquery } from '../../platform/references.ts'
import type { Reference } from '../../platform/wire.ts'
import { organisations } from '../../organisations/tables.ts'
import { tokens } from './tables.ts'

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
export const visibleTokens = (db: Db, caller: Caller) =>
  db
    .select(shown)
    .from(tokens)
    .where(visibleTo(caller))
    .orderBy(desc(tokens.createdAt), desc(tokens.id))
    .limit(200)

export async function tokenById(db: Db, caller: Caller, id: string) {
  const [row] = await db
    .select(shown)
    .from(tokens)
    .where(and(eq(tokens.id, id), visibleTo(caller)))
  return row
}

function visibleTo(caller: Caller): SQL | undefined {
  const administered = mandatesOf(caller)
    .filter((mandate) => mandate.powers.includes('administer'))
    .map((mandate) => mandate.organisationId)
  return or(
    caller.kind === 'delegate' ? eq(tokens.delegateId, caller.delegateId) : undefined,
    'tokenId' in caller ? eq(tokens.id, caller.tokenId) : sql`false`,
    administered.length > 0 ? inArray(tokens.organisationId, administered) : undefined,
  )
}
