import { sql } from 'drizzle-orm'
import { boolean, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../platform/database/columns.ts'
import { organisations } from '../organisations/tables.ts'

/** A person under a display name, which may be a pseudonym. Their real identity is stored elsewhere. */
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
    /** The organisation that added this delegate, whose administrators may enrol and rename them. */
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    /** When the person was erased. Only the fact that somebody signed remains. */
    erasedAt: instant(),
  },
  (t) => [index('delegates_by_organisation').on(t.organisationId, t.id)],
)
