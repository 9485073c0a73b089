/** Column kinds that drizzle does not have, and the few every table shares. */
import { sql, type GetColumnData, type SQL } from 'drizzle-orm'
import { customType, date, integer, uuid, type PgColumn } from 'drizzle-orm/pg-core'

/** An instant as RFC 3339 UTC text with milliseconds, on both sides; never a `Date` in between. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp(3) with time zone',
  fromDriver: rfc3339,
})

/** PostgreSQL writes `2026-11-23 20:00:00.1+00`: trailing zeros dropped, a blank for the T, no Z. */
export function rfc3339(text: string): string {
  const fraction = text.slice(20, text.indexOf('+', 19)).padEnd(3, '0')
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${text[19] === '.' ? fraction : '000'}Z`
}

export const byteString = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** A `[)` range of calendar dates, written and read as PostgreSQL writes it. */
export const dateRange = customType<{ data: string }>({ dataType: () => 'daterange' })

/** A `[)` range of instants. */
export const instantRange = customType<{ data: string }>({ dataType: () => 'tstzrange' })

export const calendarDate = () => date({ mode: 'string' })

/** The organisations that may know of the row. Triggers keep it, so that a policy needs to ask no other table. */
export const knownTo = () =>
  uuid()
    .array()
    .notNull()
    .default(sql`'{}'`)

/** What every resource has. `version` counts its changes and is what If-Match speaks of. */
export const resourceColumns = {
  id: uuid().primaryKey(),
  version: integer().notNull().default(1),
  createdAt: instant().notNull(),
  updatedAt: instant().notNull(),
}

/**
 * Compares with statuses that stand in the statement itself. Statements are planned once for all values, so an index on
 * the rows of some statuses fits none that names them by placeholders, and the whole table would be read.
 */
export const isIn = <Column extends PgColumn>(
  column: Column,
  ...statuses: readonly (GetColumnData<Column> & string)[]
): SQL => sql`${column} in (${sql.raw(statuses.map((status) => `'${status}'`).join(', '))})`
