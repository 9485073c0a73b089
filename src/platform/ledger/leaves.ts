/**
 * The ledger's entries in an order that never changes, each with the hash of all that it says. Positions have gaps, and are
 * taken before the commit; an index has neither: an entry gets the next one when it is found,
 * which is after its commit.
 */
import { createHash } from 'node:crypto'
import { asc, eq, getTableColumns, gt, gte, inArray, sql } from 'drizzle-orm'
import { bigint, pgTable, uuid } from 'drizzle-orm/pg-core'
import { transaction, type ActionContext } from '../actions/action-context.ts'
import { canonicalJson } from '../wire/canonical-json.ts'
import { byteString } from '../database/columns.ts'
import type { Db, Tx } from '../database/database.ts'
import { ledger, restColumns } from './ledger.ts'
import { transitionReasons } from './reasons.ts'
import { leafHash } from './merkle.ts'

/** Append-only by triggers. Without a reference to the entry, so that one that was taken away leaves its mark. */
export const ledgerLeaves = pgTable('ledger_leaves', {
  index: bigint({ mode: 'number' }).primaryKey(),
  entryId: uuid().notNull().unique(),
  hash: byteString().notNull(),
})

/**
 * What has no leaf yet. A trigger puts every entry here in its own transaction, so that none is passed over, however late
 * it commits; a mark of how far one has got would be by numbers that begin anew in a restored database.
 */
export const pendingLeaves = pgTable('unsealed_entries', {
  position: bigint({ mode: 'number' }).primaryKey(),
})

const batchMax = 2000

/** Appends a leaf for every pending entry. Concurrent calls are serialised, so each entry gets one leaf. */
export async function appendLeaves(context: ActionContext): Promise<void> {
  for (;;) {
    const { count } = await transaction(context, async (tx) => ({ count: await appendBatch(tx) }))
    if (count < batchMax) return
  }
}

async function appendBatch(tx: Tx): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('ledger_leaves', 0))`)
  const entries = await entriesWithoutLeaf(tx, batchMax)
  if (entries.length === 0) return 0
  const next = await nextIndex(tx)
  const leaves = entries.map((entry, i) => ({
    index: next + i,
    entryId: entry.id,
    hash: hashOfEntry(entry),
  }))
  await tx.insert(ledgerLeaves).values(leaves)
  await deletePending(
    tx,
    entries.map(({ position }) => position),
  )
  return entries.length
}

async function nextIndex(tx: Tx): Promise<number> {
  const [last] = await tx
    .select({ next: sql<number>`coalesce(max(${ledgerLeaves.index}) + 1, 0)::int` })
    .from(ledgerLeaves)
  return last?.next ?? 0
}

/** Who took an entry away before it had a leaf leaves its position here for good. */
export const entriesWithoutLeaf = (tx: Tx, limit: number) =>
  tx
    .select(getTableColumns(ledger))
    .from(pendingLeaves)
    .innerJoin(ledger, eq(ledger.position, pendingLeaves.position))
    .orderBy(asc(pendingLeaves.position))
    .limit(limit)

const deletePending = (tx: Tx, positions: readonly number[]) =>
  tx.delete(pendingLeaves).where(inArray(pendingLeaves.position, [...positions]))

type LedgerEntry = typeof ledger.$inferSelect

/** What is left of an entry of a person's matter after 24 months proves the same as the whole. */
export function hashOfEntry(entry: LedgerEntry): Buffer {
  const { id, position, at, type, object } = entry
  const restHash = entry.restHash ?? restHashOf(entry)
  return leafHash(canonicalJson({ id, position, at, type, object, restHash }))
}

/** Hashes all other columns, so that a change of any column is found. */
export function restHashOf(entry: LedgerEntry): string {
  const rest = Object.fromEntries(restColumns.map((column) => [column, entry[column]]))
  return createHash('sha256').update(canonicalJson(rest), 'utf8').digest('base64url')
}

/** From this index on: the leaf, and the entry as it stands now, if it does. */
export const leavesFrom = (db: Db, index: number, limit: number) =>
  db
    .select({
      index: ledgerLeaves.index,
      entryId: ledgerLeaves.entryId,
      hash: ledgerLeaves.hash,
      entry: ledger,
      reason: transitionReasons,
    })
    .from(ledgerLeaves)
    .leftJoin(ledger, eq(ledger.id, ledgerLeaves.entryId))
    .leftJoin(transitionReasons, eq(transitionReasons.entryId, ledgerLeaves.entryId))
    .where(gte(ledgerLeaves.index, index))
    .orderBy(asc(ledgerLeaves.index))
    .limit(limit)

/** Entries that say they are older than the instant, and are not among the first so many leaves. */
export const backdatedEntries = (db: Db, before: string, size: number) =>
  db
    .select({ id: ledger.id })
    .from(ledger)
    .leftJoin(ledgerLeaves, eq(ledgerLeaves.entryId, ledger.id))
    .where(
      sql`${ledger.at} < ${before}::timestamptz and (${ledgerLeaves.index} is null or ${gt(ledgerLeaves.index, size - 1)})`,
    )
    .orderBy(asc(ledger.position))
    .limit(1)
