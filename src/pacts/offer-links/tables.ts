import { check, foreignKey, index, pgTable, uuid } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { byteString, instant, knownTo } from '../../platform/database/columns.ts'
import { pactParties } from '../tables.ts'

/** A one-time secret by which an addressee without an account reads an offer and answers it. */
export const offerLinks = pgTable(
  'offer_links',
  {
    id: uuid().primaryKey(),
    hash: byteString().notNull().unique(),
    pactId: uuid().notNull(),
    organisationId: uuid().notNull(),
    createdAt: instant().notNull(),
    expiresAt: instant().notNull(),
    usedAt: instant(),
    revokedAt: instant(),
    knownTo: knownTo(),
  },
  (t) => [
    foreignKey({
      name: 'offer_links_to_party',
      columns: [t.pactId, t.organisationId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    check('offer_links_one_end', sql`${t.usedAt} is null or ${t.revokedAt} is null`),
    index('offer_links_by_pact').on(t.pactId, t.createdAt, t.id),
    index('offer_links_by_organisation').on(t.organisationId),
    index('offer_links_expiring').on(t.expiresAt),
    index('offer_links_used')
      .on(t.usedAt)
      .where(sql`used_at is not null`),
    index('offer_links_revoked')
      .on(t.revokedAt)
      .where(sql`revoked_at is not null`),
  ],
)
