/** The append-only ledger: the event, its object, the actor and the mandate. Written in the transaction of the change. */
import { isNull, sql, type SQL } from 'drizzle-orm'
import { bigint, check, index, integer, jsonb, pgTable, text, uuid, type PgColumn } from 'drizzle-orm/pg-core'
import type { ActionContext } from '../actions/action-context.ts'
import { instant, isIn } from '../database/columns.ts'
import { actorIdOf } from '../access.ts'
import { insertAtCommit, type Tx } from '../database/database.ts'
import { randomId, timeOrderedId } from '../ids.ts'
import { personalObjects, type LedgerObject } from './objects.ts'
import { insertReasons, reasonDigestOf, type Reason } from './reasons.ts'
import { insertOf } from '../database/inserts.ts'

/** All that tells who and which. */
export const restColumns = [
  'salt',
  'transactionId',
  'subjectId',
  'subjectVersion',
  'organisationId',
  'actorKind',
  'actorId',
  'mandateId',
  'requestId',
  'move',
  'fromStatus',
  'toStatus',
  'reasonDigest',
  'details',
] as const

/** What stands for good, and then the rest: of what is a person's matter it is replaced by its hash after 24 months. */
export const ledger = pgTable(
  'ledger',
  {
    position: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid().notNull().unique(),
    at: instant().notNull(),
    type: text().notNull(),
    object: text().notNull(),
    /** base64url, once the rest is gone. */
    restHash: text(),
    /** Goes with the rest, so that nobody finds it by trying: the ids in it stand in other tables, too. */
    salt: uuid().default(sql`gen_random_uuid()`),
    /** For readers in commit order: positions are taken before the commit, this tells which of them are settled. */
    transactionId: text().default(sql`pg_current_xact_id()::text`),
    subjectId: uuid(),
    subjectVersion: integer(),
    organisationId: uuid(),
    actorKind: text(),
    actorId: uuid(),
    mandateId: uuid(),
    requestId: uuid(),
    move: text(),
    fromStatus: text(),
    toStatus: text(),
    /** Of the reason in `transition_reasons`, and its salt there. */
    reasonDigest: text(),
    details: jsonb().$type<Record<string, unknown>>().default({}),
  },
  (t) => [
    index('ledger_subject').on(t.subjectId, t.position),
    index('ledger_personal').on(t.at).where(isUnredactedPersonal(t)),
    check(
      'ledger_whole_or_redacted',
      sql`case when ${t.restHash} is null
        then num_nulls(${sql.join([t.salt, t.transactionId, t.subjectId, t.subjectVersion, t.actorKind, t.requestId, t.details], sql`, `)}) = 0
        else num_nonnulls(${sql.join(
          restColumns.map((column) => t[column]),
          sql`, `,
        )}) = 0 end`,
    ),
  ],
)

/** Word for word as the index has it. */
export function isUnredactedPersonal({ restHash, object }: { restHash: PgColumn; object: PgColumn }): SQL {
  return sql`${isNull(restHash)} and ${isIn(object, ...personalObjects())}`
}

export type Entry = {
  /** `pact.signed`: the thing, a dot, what happened to it. */
  type: `${LedgerObject}.${string}`
  subjectId: string
  subjectVersion: number
  /** The organisation that the actor acted for. */
  organisationId?: string | undefined
  mandateId?: string | null | undefined
  transition?: { move: string; from: string; to: string; reason?: string | undefined }
  /** The delegate whose matter it is: with them goes the reason. */
  aboutId?: string | undefined
  /** Ids, codes and counts only, because they stay for 24 months at least. */
  details?: Record<string, unknown>
}

const insertEntries = insertOf(ledger)

/**
 * Records what the transaction changes. The entries of a transaction are inserted with COMMIT, by one statement and in the
 * order of the calls. The transaction itself does not read them.
 */
export function record(tx: Tx, context: ActionContext, entry: Entry): void {
  const { row, reason } = rowsFor(context, entry)
  insertAtCommit(tx, insertEntries, row)
  if (reason) insertAtCommit(tx, insertReasons, reason)
}

/** Records one entry for each of several rows that one statement changed. */
export function recordAll(tx: Tx, context: ActionContext, entries: readonly Entry[]): void {
  for (const entry of entries) record(tx, context, entry)
}

type Written = { row: typeof ledger.$inferInsert; reason: Reason | undefined }

function rowsFor(context: ActionContext, entry: Entry): Written {
  const row = rowOf(context, entry)
  const reason = entry.transition?.reason
  if (reason === undefined) return { row, reason: undefined }
  const kept = {
    entryId: row.id,
    at: context.now,
    reason,
    salt: randomId(),
    writtenById: context.caller.kind === 'delegate' ? context.caller.delegateId : null,
    aboutId: entry.aboutId ?? null,
  }
  return { row: { ...row, reasonDigest: reasonDigestOf(kept) }, reason: kept }
}

function rowOf(context: ActionContext, entry: Entry): typeof ledger.$inferInsert {
  const [object] = entry.type.split('.') as [LedgerObject]
  return {
    id: timeOrderedId(),
    at: context.now,
    type: entry.type,
    object,
    subjectId: entry.subjectId,
    subjectVersion: entry.subjectVersion,
    organisationId: entry.organisationId ?? null,
    actorKind: context.caller.kind,
    actorId: actorIdOf(context.caller),
    mandateId: entry.mandateId ?? null,
    requestId: context.requestId,
    move: entry.transition?.move ?? null,
    fromStatus: entry.transition?.from ?? null,
    toStatus: entry.transition?.to ?? null,
    reasonDigest: null,
    details: entry.details ?? {},
  }
}
