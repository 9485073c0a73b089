/** Decrypts all values of a subject and encrypts them again with the newest key. */
import { sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database/database.ts'
import { Problem } from '../problems.ts'
import type { Stuck } from './store.ts'
import type { EncryptedTable, Subject } from './subjects.ts'
import type { Decrypt, Place, Encrypt, Vault } from './vault.ts'

export type OpenedValue = { place: Place; plain: string }
type EncryptedRow = { id: string } & Record<string, Buffer | string | null>

const placesOf = (vault: Vault, subject: Subject): EncryptedTable[] =>
  vault.tables.filter((table) => table.subject.kind === subject.kind)

/** Locks the rows. Throws a `ValueStuck` for the first value that does not decrypt. */
export async function decryptAll(tx: Tx, vault: Vault, subject: Subject): Promise<OpenedValue[]> {
  const opened: OpenedValue[] = []
  const open = await vault.decryptFor(subject)
  for (const table of placesOf(vault, subject)) {
    for (const row of await lockRows(tx, table, subject)) {
      for (const column of table.columns) {
        const bytes = row[column]
        if (!Buffer.isBuffer(bytes)) continue
        const place = { table: table.table, column, row: row.id }
        opened.push({ place, plain: await openAt(open, place, bytes) })
      }
    }
  }
  return opened
}

/** The content does not change, so the versions do not either. One statement per column, for any number of rows. */
export async function encryptAll(tx: Tx, encrypt: Encrypt, values: readonly OpenedValue[]): Promise<void> {
  const columns = Map.groupBy(values, ({ place: { table, column } }) => `${table}.${column}`)
  for (const alike of columns.values()) await encryptColumn(tx, encrypt, alike)
}

async function encryptColumn(tx: Tx, encrypt: Encrypt, values: readonly OpenedValue[]): Promise<void> {
  const [first] = values
  if (!first) return
  const [table, column] = [sql.identifier(first.place.table), sql.identifier(first.place.column)]
  const rows = sql.param(values.map(({ place }) => place.row))
  const encrypted = sql.param(values.map(({ place, plain }) => encrypt(place, plain)))
  await tx.execute(
    sql`update ${table} set ${column} = anew.value
      from unnest(${rows}::uuid[], ${encrypted}::bytea[]) as anew (row, value) where ${table}.id = anew.row`,
  )
}

/** Throws while any value of the subject uses another key than the one that will be kept. */
export async function requireAllBy(tx: Tx, vault: Vault, subject: Subject, version: number): Promise<void> {
  for (const table of placesOf(vault, subject)) {
    const others = table.columns.map(
      (column) => sql`substring(${sql.identifier(column)} from 1 for 4) <> int4send(${version})`,
    )
    const { rows } = await tx.execute<{ id: string }>(
      sql`select id from ${ofSubject(table, subject)} and (${sql.join(others, sql` or `)}) limit 1`,
    )
    const [left] = rows
    if (left) throw valueStuck({ table: table.table, row: left.id }, 'vault_value_left_behind')
  }
}

/** Names the place, so that an operator finds it, and never the value. */
export type ValueStuck = Error & { readonly code: string; readonly stuck: Stuck }

export const isValueStuck = (error: unknown): error is ValueStuck =>
  error instanceof Error && 'stuck' in error

async function openAt(open: Decrypt, place: Place, bytes: Buffer): Promise<string> {
  try {
    return await open(place, bytes)
  } catch (error) {
    throw stuckAt(place, error)
  }
}

/** Only the vault's own refusals are about a value. */
const stuckAt = (place: Place, error: unknown): unknown =>
  error instanceof Problem ? valueStuck(place, error.kind.code) : error

const valueStuck = ({ table, row }: Pick<Place, 'table' | 'row'>, code: string): ValueStuck =>
  Object.assign(new Error('an encrypted value is stuck'), {
    code: `${code} ${table} ${row}`,
    stuck: { code, table, row },
  })

async function lockRows(tx: Tx, table: EncryptedTable, subject: Subject): Promise<EncryptedRow[]> {
  const columns = table.columns.map((column) => sql.identifier(column))
  const { rows } = await tx.execute<EncryptedRow>(
    sql`select id, ${sql.join(columns, sql`, `)} from ${ofSubject(table, subject)} order by id for update`,
  )
  return rows
}

const ofSubject = ({ table, subject: { column }, where }: EncryptedTable, { id }: Subject): SQL =>
  sql`${sql.identifier(table)} where ${sql.identifier(column)} = ${id} and ${where ?? sql`true`}`
