/** Redacts entries about persons after 24 months: they still say what happened and when, but name nobody. */
import { and, asc, eq, getTableColumns, inArray, isNull, lt, sql } from 'drizzle-orm'
import { daysAfter } from '../clock.ts'
import type { Tx } from '../database/database.ts'
import { isUnredactedPersonal, ledger, restColumns } from './ledger.ts'
import { ledgerLeaves, restHashOf } from './leaves.ts'
import { personalDaysKept } from './objects.ts'

const nothing = Object.fromEntries(restColumns.map((column) => [column, null]))

export async function redactBatch(tx: Tx, now: string, limit: number): Promise<number> {
  const entries = await expiredEntries(tx, now, limit)
  if (entries.length === 0) return 0
  const hashes = sql.join(
    entries.map((entry) => sql`when ${entry.id}::uuid then ${restHashOf(entry)}`),
    sql` `,
  )
  await tx
    .update(ledger)
    .set({ ...nothing, restHash: sql`case ${ledger.id} ${hashes} end` })
    .where(
      and(
        inArray(
          ledger.id,
          entries.map(({ id }) => id),
        ),
        isNull(ledger.restHash),
      ),
    )
  return entries.length
}

/** Only what has its leaf: from what is left none could be made. */
export const expiredEntries = (tx: Tx, now: string, limit: number) =>
  tx
    .select(getTableColumns(ledger))
    .from(ledger)
    .innerJoin(ledgerLeaves, eq(ledgerLeaves.entryId, ledger.id))
    .where(and(isUnredactedPersonal(ledger), lt(ledger.at, daysAfter(now, -personalDaysKept))))
    .orderBy(asc(ledger.at))
    .limit(limit)
