import { sql } from 'drizzle-orm'
import { boolean, pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, resourceColumns } from '../../platform/database/columns.ts'
import type { EncryptedTable } from '../../platform/vault/subjects.ts'
import { organisations } from '../../organisations/tables.ts'
import { visits } from '../tables.ts'

/** Who meets where and when during a visit: sealed with a key of the visit, and forgotten soon after. */
export const itineraries = pgTable('itineraries', {
  ...resourceColumns,
  visitId: uuid()
    .notNull()
    .unique()
    .references(() => visits.id),
  hostId: uuid()
    .notNull()
    .references(() => organisations.id),
  items: byteString().notNull(),
  /** Else by the host's, from the time before visits had keys. */
  byKeyOfVisit: boolean().notNull(),
})

const encryptedItems = { table: 'itineraries', columns: ['items'] } as const

export const encryptedItineraries: readonly EncryptedTable[] = [
  { ...encryptedItems, subject: { kind: 'visit', column: 'visit_id' }, where: sql`by_key_of_visit` },
  // Written before visits had keys of their own.
  {
    ...encryptedItems,
    subject: { kind: 'organisation', column: 'host_id' },
    where: sql`not by_key_of_visit`,
  },
]
