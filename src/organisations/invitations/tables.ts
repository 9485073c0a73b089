import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, instant } from '../../platform/database/columns.ts'
import { organisations } from '../tables.ts'

/** A secret with which a number of organisations can register, exempt from the daily limits. */
export const invitations = pgTable(
  'invitations',
  {
    id: uuid().primaryKey(),
    hash: byteString().notNull().unique(),
    /** The coordination. */
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    /** The coordinator's mandate: the invitation is revoked when it ends. */
    mandateId: uuid().notNull(),
    /** The token that created the invitation: it is revoked with that token. */
    madeWithId: uuid().notNull(),
    usesMax: integer().notNull(),
    uses: integer().notNull().default(0),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    revokedAt: instant(),
  },
  (t) => [
    check('invitations_uses', sql`${t.uses} between 0 and ${t.usesMax}`),
    check('invitations_uses_max', sql`${t.usesMax} between 1 and 100`),
    index('invitations_by_organisation').on(t.organisationId, t.createdAt.desc(), t.id.desc()),
    index('invitations_by_mandate').on(t.mandateId),
    index('invitations_made_with').on(t.madeWithId),
    index('invitations_expiring').on(t.expiresAt),
  ],
)
