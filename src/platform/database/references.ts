/** `{id, name, url}` made by the database, so that a row goes out as it comes. */
import { sql, type SQL } from 'drizzle-orm'
import type { Reference } from '../wire/common-schemas.ts'

export const referenceTo = (path: string, id: unknown, name: unknown): SQL<Reference> =>
  sql<Reference>`jsonb_build_object('id', ${id}, 'name', ${name}, 'url', ${sql.raw(`'/v1/${path}/'`)} || ${id})`

/** The address of a row. */
export const urlOf = (path: string, id: unknown): SQL<string> =>
  sql<string>`${sql.raw(`'/v1/${path}/'`)} || ${id}`

/**
 * A subquery among the selected fields. In a statement over one table, drizzle writes the columns that stand
 * directly in a selected expression without their table; inside a subquery such a name means the inner table's
 * column of that name, if there is one. One level deeper, they keep their table.
 */
export const subquery = <Value>(selecting: SQL<Value>): SQL<Value> => sql<Value>`(${selecting})`
