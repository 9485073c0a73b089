/**
 * Statements whose text drizzle writes once, at start. PostgreSQL plans them once for each connection, and rows are
 * read by a function made once; only the values differ from one time to the next.
 */
import { Column, fillPlaceholders, is, type Query } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import pg from 'pg'
import type { Db } from './database.ts'

/** Builds statements without a connection, for `prepared`. */
export const build = new QueryBuilder({ casing: 'snake_case' })

type Selecting<Row> = {
  toSQL(): Query
  _: { selectedFields: object }
} & { readonly _: { readonly result: Row[] } }

/**
 * A hot read. The selection must be flat. Values take the place of `sql.placeholder(name)`. One that is made while
 * requests come in has no name of its own, so that the limit of names holds for it.
 */
export function prepared<Row, Values extends Record<string, unknown>>(
  name: string | undefined,
  query: Selecting<Row>,
) {
  const { sql: text, params } = query.toSQL()
  const named = name === undefined ? {} : { name }
  const rowOf = rowReader<Row>(query._.selectedFields as Record<string, unknown>)
  return async (db: Db, values: Values): Promise<Row[]> => {
    const filled = fillPlaceholders(params, values)
    const { rows } = await db.$client.query({ ...named, text, rowMode: 'array', types }, filled)
    return (rows as unknown[][]).map(rowOf)
  }
}

type Decoder = (value: unknown) => unknown

/**
 * Compiled, as serialisers are: a row made by one literal has one shape for the engine, and reading fifty rows of
 * twenty fields costs a third of what a loop over the fields does. Names come from the code, never from a request.
 */
function rowReader<Row>(fields: Record<string, unknown>): (values: unknown[]) => Row {
  const decoders = Object.values(fields).map(decoderOf)
  const members = Object.keys(fields).map((key, i) => {
    const decoded = decoders[i] ? `v[${i}] === null ? null : decoders[${i}](v[${i}])` : `v[${i}]`
    return `${JSON.stringify(key)}: ${decoded}`
  })
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is made above of names in the code
  const compile = new Function('decoders', `return (v) => ({ ${members.join(', ')} })`) as (
    given: (Decoder | undefined)[],
  ) => (values: unknown[]) => Row
  return compile(decoders)
}

/** Most columns come from the driver as they should go out; only those with a decoder of their own are decoded. */
function decoderOf(field: unknown): Decoder | undefined {
  if (!is(field, Column) || !field.columnType.startsWith('PgCustom')) return undefined
  return (value) => field.mapFromDriverValue(value)
}

const asText: Decoder = (value) => value
const { TIMESTAMPTZ, TIMESTAMP, DATE, INTERVAL } = pg.types.builtins
/** An array of text; the driver has no name for it. */
const textArray = 1009 as number as Parameters<typeof pg.types.getTypeParser>[0]
const parseAnyTextArray = pg.types.getTypeParser(textArray) as (text: string) => unknown

/** Most lists hold codes and are written without quotes; for these the driver's parser is slow. */
function parseTextArray(text: unknown): unknown {
  const list = text as string
  if (list === '{}') return []
  return /["\\]|NULL/.test(list) ? parseAnyTextArray(list) : list.slice(1, -1).split(',')
}

/** The same choice that drizzle makes for its own statements: times stay text until a column decodes them. */
const parsers = new Map<number, Decoder>([
  ...[TIMESTAMPTZ, TIMESTAMP, DATE, INTERVAL].map((oid): [number, Decoder] => [oid, asText]),
  [textArray, parseTextArray],
])
const types = { getTypeParser: (oid: number): Decoder => parsers.get(oid) ?? remembered(oid) }

/** Asked for every field of every answer. */
function remembered(oid: number): Decoder {
  const parser = pg.types.getTypeParser(oid) as Decoder
  parsers.set(oid, parser)
  return parser
}
