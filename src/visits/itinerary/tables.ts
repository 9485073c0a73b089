import { boolean, pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, resourceColumns } from '../../platform/database/columns.ts'
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
