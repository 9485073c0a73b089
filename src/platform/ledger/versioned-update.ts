/**
 * What every change of a versioned row begins with, the version that its maker read; and what it ends in: one version
 * more, and the one ledger entry that tells of it.
 */
import { isDeepStrictEqual } from 'node:util'
import { eq } from 'drizzle-orm'
import type { PgColumn, PgTable, PgUpdateSetSource } from 'drizzle-orm/pg-core'
import type { ActionContext } from '../actions/action-context.ts'
import type { Tx } from '../database/database.ts'
import { record, type Entry } from './ledger.ts'
import { refusal, staleVersion } from '../problems.ts'

type VersionedTable = PgTable & { id: PgColumn; version: PgColumn; updatedAt: PgColumn }
type Change<Table extends VersionedTable> = Omit<
  PgUpdateSetSource<Table>,
  'id' | 'version' | 'createdAt' | 'updatedAt'
>
export type LedgerDetails = Omit<Entry, 'subjectId' | 'subjectVersion'>

/** `*`, or the versions in the header. Empty if no tag is from this service, undefined without the header. */
export type Versions = '*' | readonly number[] | undefined

export type Precondition = { readonly match?: Versions; readonly noneMatch?: Versions }

export const alreadyThere = refusal({
  status: 412,
  code: 'already_there',
  title: 'It exists already',
  advice: 'Nothing was changed. Read it, and send its ETag in If-Match if you want to replace it.',
})

/** 412 when the row is not what the caller decided on, or when they decided that there is one, or none. */
export function requireVersion(
  row: { version: number } | undefined,
  { match, noneMatch }: Precondition,
): void {
  if (match !== undefined && !isNamed(match, row)) throw staleVersion()
  if (noneMatch !== undefined && isNamed(noneMatch, row)) throw alreadyThere()
}

/** Whether the row has one of the versions. False if there is no row. */
const isNamed = (versions: '*' | readonly number[], row: { version: number } | undefined): boolean =>
  row !== undefined && (versions === '*' || versions.includes(row.version))

/**
 * Whether the row holds all of this already, by value: the order of the keys of an object says nothing, what is left out
 * asks for nothing, and what is absent is null. Then nobody's version is raised and nothing is recorded.
 */
export const alreadyHolds = (row: object, change: object): boolean =>
  Object.entries(change).every(
    ([name, value]) =>
      value === undefined || isDeepStrictEqual(plain(value), plain((row as Record<string, unknown>)[name])),
  )

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify({ value }, (_key, one: unknown) => one ?? undefined))

/** Changes a row that the transaction has locked, so that nobody else makes the same version of it. */
export async function updateVersion<Table extends VersionedTable>(
  tx: Tx,
  context: ActionContext,
  table: Table,
  locked: { id: string; version: number },
  change: Change<Table>,
  told: LedgerDetails,
): Promise<void> {
  const version = locked.version + 1
  const columns = { ...change, version, updatedAt: context.now } as PgUpdateSetSource<Table>
  record(tx, context, { ...told, subjectId: locked.id, subjectVersion: version })
  const { rowCount } = await tx.update(table).set(columns).where(eq(table.id, locked.id))
  // A policy that gives the row to nobody who may change it lets the update pass over it in silence.
  if (rowCount !== 1) throw new Error('a locked row was not there to be changed')
}
