/** Moves and names of organisations that wait for a second person, as the caller may know of them. */
import { and, inArray, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { administeredBy, coordinatorMandate, type Caller } from '../../platform/access.ts'
import type { Tx } from '../../platform/database/database.ts'
import type { Position } from '../../platform/wire/cursors.ts'
import { organisations } from '../tables.ts'

type Listed = { now: string; caller: Caller; after: Position | undefined; limit: number }

const columns = {
  id: organisations.id,
  name: organisations.name,
  kind: organisations.kind,
  status: organisations.status,
  pending: organisations.pending,
  renaming: organisations.renaming,
}

export const organisationsWithPendingMove = (tx: Tx, listed: Listed) =>
  waitingIn(tx, organisations.pending, listed, administeredSuccessor(listed.caller))

export const organisationsWithPendingName = (tx: Tx, listed: Listed) =>
  waitingIn(tx, organisations.renaming, listed)

function waitingIn(tx: Tx, column: PgColumn, { now, caller, after, limit }: Listed, alsoShown?: SQL) {
  // Instants are kept as text of one form, which sorts as they do.
  const expiresAt = sql`(${column} ->> 'expiresAt') collate "C"`
  return tx
    .select(columns)
    .from(organisations)
    .where(
      and(
        isNotNull(column),
        sql`${expiresAt} > ${now}`,
        or(judgedBy(caller), alsoShown),
        after && sql`(${expiresAt}, ${organisations.id}) < (${after.value}, ${after.id}::uuid)`,
      ),
    )
    .orderBy(sql`${expiresAt} desc nulls last`, sql`${organisations.id} desc nulls last`)
    .limit(limit)
}

/** Decisions are for those who administer the organisation, and for those who judge over all that are not sealed. */
function judgedBy(caller: Caller): SQL | undefined {
  const own = inArray(organisations.id, administeredBy(caller))
  if (caller.kind !== 'operator' && !coordinatorMandate(caller)) return own
  return or(isNull(organisations.sealedAt), own)
}

/** A merger also concerns those who administer the organisation that would receive the other. */
const administeredSuccessor = (caller: Caller): SQL | undefined =>
  and(
    isNull(organisations.sealedAt),
    inArray(sql`(${organisations.pending} ->> 'intoId')::uuid`, administeredBy(caller)),
  )
