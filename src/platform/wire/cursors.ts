/** Keyset pagination: a cursor holds the position of the last row, so page 2,000 costs as much as page 1. */
import { createHash } from 'node:crypto'
import { sql, type Placeholder, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { refusal } from '../problems.ts'
import { idInput, instantInput } from './common-schemas.ts'

export const pageParameters = {
  limit: z
    .int()
    .min(1)
    .max(100)
    .default(25)
    .meta({ description: 'The number of entries per page, 1 to 100.' }),
  cursor: z.string().max(600).optional().meta({
    description: 'The `nextCursor` of the previous page. Send it with the same filters.',
  }),
}

/** For lists that can be asked for changes. The 30 seconds are longer than a transaction may take. */
export const updatedAfterParameter = instantInput.optional().meta({
  description:
    'Only resources that changed after this instant, by `updatedAt`. A change has the time at which it begins, and you can ' +
    'read it when it is complete, up to 30 seconds later. To miss no change, ask from 30 seconds before your last request, ' +
    'and skip what you already have by `id` and `version`.',
})

export type Page<Row> = { data: Row[]; nextCursor: string | null }

const cursorMismatch = refusal({
  status: 400,
  code: 'cursor_mismatch',
  title: 'The cursor does not belong to this list',
  advice:
    'Send the cursor to the address that it came from, with the same filters. Or start again without a cursor.',
})

/** The end of a page: the sort value of its last row, and the id that breaks ties. */
export type Position = { value: string; id: string }

/** The kinds of sort value. A client can forge a cursor, so its value is checked before it reaches a statement. */
const sortValues = {
  instant: instantInput,
  id: idInput,
  number: z.string().regex(/^\d{1,9}$/),
  /** The position of a ledger entry, a bigint. */
  entry: z.string().regex(/^\d{1,15}$/),
  /** The order of the verification queue: a flag 0 or 1, and the deadline of verification. */
  queued: z
    .string()
    .refine((value) => /^[01] /.test(value) && instantInput.safeParse(value.slice(2)).success),
  /** Of a list from several sources: which source, and an instant. */
  ranked: z
    .string()
    .refine(
      (value) =>
        /^\d{1,2} /.test(value) && instantInput.safeParse(value.slice(value.indexOf(' ') + 1)).success,
    ),
  likeness: z.string().regex(/^(0(\.\d{1,20})?|1)$/),
}

/** Returns the end of the previous page. `openCursor` has already checked that the cursor belongs to this list. */
export function positionOf(
  query: { cursor?: string | undefined },
  sortedBy: keyof typeof sortValues = 'instant',
): Position | undefined {
  if (query.cursor === undefined) return undefined
  const parsed = z.tuple([sortValues[sortedBy], idInput]).safeParse(decoded(query.cursor))
  if (!parsed.success) throw cursorMismatch()
  return { value: parsed.data[0], id: parsed.data[1] }
}

/** One list: its route, path parameters and filters. */
export type ListQuery = { route: string; params: unknown; query: Record<string, unknown> }

/** Binds a cursor to its list; in another list the position would be meaningless. */
export const bindCursor = (cursor: string, list: ListQuery): string => `${listHash(list)}.${cursor}`

/** Returns the cursor without the hash of its list. Throws `cursor_mismatch` if it belongs to another list. */
export function openCursor(boundCursor: string, list: ListQuery): string {
  const prefix = `${listHash(list)}.`
  if (!boundCursor.startsWith(prefix)) throw cursorMismatch()
  return boundCursor.slice(prefix.length)
}

/** Makes a page of `rows`, which hold one row more than the page if there is a next one. */
export function pageOf<Row extends { id: string }>(
  rows: Row[],
  query: { limit: number },
  valueOf: (row: Row) => string,
): Page<Row> {
  const data = rows.slice(0, query.limit)
  const last = data.at(-1)
  if (rows.length <= query.limit || !last) return { data, nextCursor: null }
  const cursor = JSON.stringify([valueOf(last), last.id])
  return { data, nextCursor: Buffer.from(cursor).toString('base64url') }
}

/** The condition for rows after the position, newest first. A row comparison uses the index; `or` would scan it from the start. */
export function newestAfter(
  column: PgColumn,
  id: PgColumn,
  position: Position | { value: Placeholder; id: Placeholder } | undefined,
): SQL | undefined {
  if (!position) return undefined
  return sql`(${column}, ${id}) < (${position.value}::timestamptz, ${position.id}::uuid)`
}

/** The indexes say `nulls last`. Without it PostgreSQL sorts the whole table, even if the column has no nulls. */
export const newestFirst = (column: PgColumn, id: PgColumn): SQL[] => [
  sql`${column} desc nulls last`,
  sql`${id} desc nulls last`,
]

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** Hashes what is listed. The page size may change between pages, so `limit` is left out. */
function listHash({ route, params, query }: ListQuery): string {
  const { cursor: _cursor, limit: _limit, ...filters } = query
  const sent = Object.entries(filters).filter(([, value]) => value !== undefined)
  const list = JSON.stringify([route, params ?? {}, sent.sort()])
  return createHash('sha256').update(list).digest('base64url').slice(0, 12)
}
