/** Deletes rows that are past their time, the oldest first. */
import { and, lt, sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from './database.ts'

export type Deletable = {
  table: PgTable
  id: PgColumn
  /** Has an index, and with `where` the same condition as a partial index. */
  at: PgColumn
  where?: SQL
}

/**
 * Deletes up to `limit` rows whose time is before the given one, and skips rows that another transaction locks. One
 * column per statement, in the order of its index: for alternatives or without an order PostgreSQL expects to find many
 * rows, and reads the whole table when nothing is due. An array, because for `in (select …)` it reads the whole table
 * when something is due.
 */
export async function deleteOldest(
  tx: Tx,
  { table, id, at, where }: Deletable,
  before: string,
  limit: number,
): Promise<number> {
  const due = tx
    .select({ id })
    .from(table)
    .where(and(lt(at, before), where))
    .orderBy(at)
    .limit(limit)
    .for('update', { skipLocked: true })
  const { rowCount } = await tx.delete(table).where(sql`${id} = any(array(${due}))`)
  return rowCount ?? 0
}

/** The same for several columns. Returns the largest count, because `limit` is for each. */
export async function deleteOldestByAny(
  tx: Tx,
  deletables: readonly Deletable[],
  before: string,
  limit: number,
): Promise<number> {
  const counts: number[] = []
  for (const deletable of deletables) counts.push(await deleteOldest(tx, deletable, before, limit))
  return Math.max(...counts)
}
