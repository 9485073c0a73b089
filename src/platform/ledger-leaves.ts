/**
 * The ledger's entries in an order that never changes, each with the hash of all that it says. Positions have gaps, and are
 * taken before the commit; an index has neither: an entry gets the next one when it is found,
 * which is after its commit.
 */
import { asc, eq, gt, gte, sql } from 'drizzle-orm'
import { bigint, pgTable, uuid } from 'drizzle-orm/pg-core'
import { transaction, type Act } from './act.ts'
import { canonicalJson } from './canonical.ts'
import { byteString } from './columns.ts'
import type { Db, Tx } from './database.ts'
import type { Job } from './jobs.ts'
import { ledger } from './ledger.ts'
import { leafHash } from './merkle.ts'

/** Append-only by triggers. Without a reference to the entry, so that one that was taken away leaves its mark. */
export const ledgerLeaves = pgTable('ledger_leaves', {
  index: bigint({ mode: 'number' }).primaryKey(),
  entryId: uuid().notNull().unique(),
  hash: byteString().notNull(),
})

const batchMax = 2000

export const ledgerSealing: Job = {
  name: 'ledger.seal',
  cron: '*/10 * * * *',
  run: (act) => sealLedger(act),
}

/** Gives every entry its leaf. Two at once wait for each other, and each entry gets one. */
export async function sealLedger(act: Act): Promise<void> {
  for (;;) {
    const { count } = await transaction(act, async (tx) => ({ count: await sealSome(tx) }))
    if (count < batchMax) return
  }
}

async function sealSome(tx: Tx): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('ledger_leaves', 0))`)
  const [last] = await tx
    .select({ next: sql<number>`coalesce(max(${ledgerLeaves.index}) + 1, 0)::int` })
    .from(ledgerLeaves)
  const entries = await tx
    .select()
    .from(ledger)
    .where(sql`not exists (select from ${ledgerLeaves} where ${ledgerLeaves.entryId} = ${ledger.id})`)
    .orderBy(asc(ledger.position))
    .limit(batchMax)
  if (entries.length === 0) return 0
  const leaves = entries.map((entry, i) => ({
    index: (last?.next ?? 0) + i,
    entryId: entry.id,
    hash: hashOfEntry(entry),
  }))
  await tx.insert(ledgerLeaves).values(leaves)
  return entries.length
}

type LedgerEntry = typeof ledger.$inferSelect

/** Over every column, so that no change of any goes unseen. */
export const hashOfEntry = (entry: LedgerEntry): Buffer => leafHash(canonicalJson({ ...entry }))

/** From this index on: the leaf, and the entry as it stands now, if it does. */
export const leavesFrom = (db: Db, index: number, limit: number) =>
  db
    .select({
      index: ledgerLeaves.index,
      entryId: ledgerLeaves.entryId,
      hash: ledgerLeaves.hash,
      entry: ledger,
    })
    .from(ledgerLeaves)
    .leftJoin(ledger, eq(ledger.id, ledgerLeaves.entryId))
    .where(gte(ledgerLeaves.index, index))
    .orderBy(asc(ledgerLeaves.index))
    .limit(limit)

/** Entries that say they are older than the instant, and are not among the first so many leaves. */
export const latecomers = (db: Db, before: string, size: number) =>
  db
    .select({ id: ledger.id })
    .from(ledger)
    .leftJoin(ledgerLeaves, eq(ledgerLeaves.entryId, ledger.id))
    .where(
      sql`${ledger.at} < ${before}::timestamptz and (${ledgerLeaves.index} is null or ${gt(ledgerLeaves.index, size - 1)})`,
    )
    .orderBy(asc(ledger.position))
    .limit(1)
