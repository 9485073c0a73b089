/** The append-only ledger: what happened, to what, by whom, by which mandate. Written with the change itself. */
import { sql } from 'drizzle-orm'
import { bigint, index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import type { Act } from './act.ts'
import { instant } from './columns.ts'
import { actorIdOf } from './access.ts'
import type { Tx } from './database.ts'
import { orderedId } from './ids.ts'
import { inserting } from './prepared.ts'

export const ledger = pgTable(
  'ledger',
  {
    position: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid().notNull().unique(),
    at: instant().notNull(),
    /** For readers in commit order: positions are taken before the commit, this tells which of them are settled. */
    transactionId: text()
      .notNull()
      .default(sql`pg_current_xact_id()::text`),
    type: text().notNull(),
    object: text().notNull(),
    subjectId: uuid().notNull(),
    subjectVersion: integer().notNull(),
    organisationId: uuid(),
    actorKind: text().notNull(),
    actorId: uuid(),
    mandateId: uuid(),
    requestId: uuid().notNull(),
    move: text(),
    fromStatus: text(),
    toStatus: text(),
    reason: text(),
    details: jsonb().$type<Record<string, unknown>>().notNull().default({}),
  },
  (t) => [index('ledger_subject').on(t.subjectId, t.position)],
)

export type Entry = {
  /** `pact.signed`: the thing, a dot, what happened to it. */
  type: `${string}.${string}`
  subjectId: string
  subjectVersion: number
  /** For whom the actor acted. */
  organisationId?: string | undefined
  mandateId?: string | null | undefined
  transition?: { move: string; from: string; to: string; reason?: string | undefined }
  /** Ids, codes and counts only: nothing personal enters the ledger, because nothing leaves it. */
  details?: Record<string, unknown>
}

/** A statement takes 65,535 values, and an entry has seventeen. */
const entriesInStatement = 1000

const insertEntry = inserting(ledger)

export async function record(tx: Tx, act: Act, entry: Entry): Promise<void> {
  await insertEntry(tx, rowOf(act, entry))
}

/** For changes that one statement makes to several rows: an entry of each. */
export async function recordAll(tx: Tx, act: Act, entries: readonly Entry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += entriesInStatement) {
    const some = entries.slice(from, from + entriesInStatement)
    await tx.insert(ledger).values(some.map((entry) => rowOf(act, entry)))
  }
}

function rowOf(act: Act, entry: Entry): typeof ledger.$inferInsert {
  const [object] = entry.type.split('.') as [string]
  return {
    id: orderedId(),
    at: act.now,
    type: entry.type,
    object,
    subjectId: entry.subjectId,
    subjectVersion: entry.subjectVersion,
    organisationId: entry.organisationId ?? null,
    actorKind: act.caller.kind,
    actorId: actorIdOf(act.caller),
    mandateId: entry.mandateId ?? null,
    requestId: act.requestId,
    move: entry.transition?.move ?? null,
    fromStatus: entry.transition?.from ?? null,
    toStatus: entry.transition?.to ?? null,
    reason: entry.transition?.reason ?? null,
    details: entry.details ?? {},
  }
}
