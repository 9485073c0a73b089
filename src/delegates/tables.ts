import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../platform/database/columns.ts'
import { organisations } from '../organisations/tables.ts'

/** A person, known by a display name that may be a pseudonym. Nothing here says who they are elsewhere. */
export const delegates = pgTable(
  'delegates',
  {
    ...resourceColumns,
    displayName: text().notNull(),
    pseudonym: boolean().notNull(),
    languages: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** The organisation that made this delegate known, and whose secretary may enrol and rename them. */
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    /** Since when there is nothing here but the fact that somebody signed. */
    erasedAt: instant(),
  },
  (t) => [index('delegates_by_organisation').on(t.organisationId, t.id)],
)
