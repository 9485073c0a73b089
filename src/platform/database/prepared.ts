/**
 * Statements whose text drizzle writes once, at start. PostgreSQL plans and describes them once for each connection, and
 * their rows keep their text (rows.ts); only the values differ from one time to the next.
 */
import { fillPlaceholders, type Query } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import type { Db } from './database.ts'
import { rowClasses, type Stored } from './rows.ts'
import type { Statement } from './statement.ts'

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
  const rowClass = rowClasses<Row>(query._.selectedFields as Record<string, unknown>)
  const statement: Statement = name === undefined ? { text, rowClass } : { name, text, rowClass }
  return async (db: Db, values: Values): Promise<Stored<Row>[]> => {
    const { rows } = await db.$client.query(statement, fillPlaceholders(params, values))
    return rows as Stored<Row>[]
  }
}
