import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { resourceColumns } from '../../platform/database/columns.ts'
import { organisations } from '../tables.ts'

/** A workplace of an employer where the organisation is active. */
export const worksites = pgTable(
  'worksites',
  {
    ...resourceColumns,
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    employer: text().notNull(),
    place: text().notNull(),
    country: text().notNull(),
    industry: text().notNull(),
  },
  (t) => [
    check('worksites_country', sql`${t.country} ~ '^[A-Z]{2}$'`),
    check('worksites_industry', sql`${t.industry} ~ '^[0-9]{4}$'`),
    index('worksites_by_organisation').on(t.organisationId, t.createdAt.desc(), t.id.desc()),
  ],
)
