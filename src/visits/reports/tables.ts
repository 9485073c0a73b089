import { sql } from 'drizzle-orm'
import { check, integer, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { instant, knownTo } from '../../platform/database/columns.ts'
import { visits, visitSide } from '../tables.ts'

/** What each side says of the visit afterwards, once; triggers in policies.sql refuse to change or delete it. */
export const visitReports = pgTable(
  'visit_reports',
  {
    id: uuid().primaryKey(),
    visitId: uuid()
      .notNull()
      .references(() => visits.id),
    side: visitSide().notNull(),
    createdAt: instant().notNull(),
    text: text().notNull(),
    language: text().notNull(),
    /** How many days how many people came: two guests for five days are ten. */
    personDays: integer(),
    knownTo: knownTo(),
  },
  (t) => [
    unique('visit_reports_once').on(t.visitId, t.side),
    check('visit_reports_person_days', sql`${t.personDays} >= 0`),
  ],
)
