/** Keyset pages: a list is walked by where it stood, so page 2,000 costs what page 1 does. */
import { createHash } from 'node:crypto'
import { sql, type Placeholder, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { refusal } from '../problems.ts'
import { idInput, instantInput } from './common-schemas.ts'

export const pageParameters = {
  limit: z.int().min(1).max(100).default(25).meta({ description: 'How many to return, 1 to 100.' }),
  cursor: z.string().max(600).optional().meta({
    description: 'Where the page before ended: the `nextCursor` of that answer, with the same filters.',
  }),
}

/** In lists that can be asked for what has changed. The half minute is longer than a transaction may take. */
export const updatedAfterParameter = instantInput.optional().meta({
  description:
    'Only what has changed since then: `updatedAt` is later. A change is dated when it begins and can be read when it is ' +
    'complete, up to 30 seconds later. To miss none, ask from 30 seconds before you last asked, and drop what you know ' +
    'already by `id` and `version`.',
})

export type Page<Row> = { data: Row[]; nextCursor: string | null }

const cursorMismatch = refusal({
  status: 400,
  code: 'cursor_mismatch',
  title: 'The cursor does not belong to this list',
  advice:
    'Send the cursor to the same address with the same filters that it came with, or start again without one.',
})

/** Where a page ended: the sort value of its last row, and the id that breaks ties. */
export type Position = { value: string; id: string }

/** What lists are sorted by. A cursor is what a client sends: its value is checked before it reaches a statement. */
const sortValues = {
  instant: instantInput,
  id: idInput,
  number: z.string().regex(/^\d{1,9}$/),
  /** Of the ledger, whose numbers are of eight bytes. */
  entry: z.string().regex(/^\d{1,15}$/),
  /** Of the verification queue: whether nobody knows it yet, and until when somebody may vouch for it. */
  queued: z
    .string()
    .refine((value) => /^[01] /.test(value) && instantInput.safeParse(value.slice(2)).success),
  likeness: z.string().regex(/^(0(\.\d{1,20})?|1)$/),
}

/** Where the page before ended. The cursor has been found to belong to this list by `openCursor`. */
export function positionOf(
  query: { cursor?: string | undefined },
  sortedBy: keyof typeof sortValues = 'instant',
): Position | undefined {
  if (query.cursor === undefined) return undefined
  const parsed = z.tuple([sortValues[sortedBy], idInput]).safeParse(decoded(query.cursor))
  if (!parsed.success) throw cursorMismatch()
  return { value: parsed.data[0], id: parsed.data[1] }
}

/** One list: the route, whose list it is, and what it was narrowed to. */
export type Listed = { route: string; params: unknown; query: Record<string, unknown> }

/** Binds a cursor to its list, because in another one it would point anywhere. */
export const bindCursor = (cursor: string, listed: Listed): string => `${listMark(listed)}.${cursor}`

/** The cursor without its mark; throws when it is one of another list. */
export function openCursor(sealed: string, listed: Listed): string {
  const mark = `${listMark(listed)}.`
  if (!sealed.startsWith(mark)) throw cursorMismatch()
  return sealed.slice(mark.length)
}

/** Cuts the one row that was read beyond the page and says where the next page begins. */
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

/**
 * Rows after the position when newest come first. Compared as a row, so that the index finds the place: with
 * `or` it would be read from its beginning.
 */
export function newestAfter(
  column: PgColumn,
  id: PgColumn,
  position: Position | { value: Placeholder; id: Placeholder } | undefined,
): SQL | undefined {
  if (!position) return undefined
  return sql`(${column}, ${id}) < (${position.value}::timestamptz, ${position.id}::uuid)`
}

/** `nulls last` as in the indexes: without it PostgreSQL sorts the whole table, even where no null can be. */
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

/** The page's size may change on the way; what is listed may not. */
function listMark({ route, params, query }: Listed): string {
  const { cursor: _cursor, limit: _limit, ...filters } = query
  const named = Object.entries(filters).filter(([, value]) => value !== undefined)
  const list = JSON.stringify([route, params ?? {}, named.sort()])
  return createHash('sha256').update(list).digest('base64url').slice(0, 12)
}
