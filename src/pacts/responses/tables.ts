import { sql } from 'drizzle-orm'
import { foreignKey, index, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant, knownTo } from '../../platform/database/columns.ts'
import { organisationStatus } from '../../organisations/tables.ts'
import { proposals } from '../proposals/tables.ts'
import { pactParties } from '../tables.ts'

export const decisions = ['comment', 'needs_more_time', 'accept', 'decline'] as const

export const responseDecision = pgEnum('response_decision', decisions)

/** What a party said of a proposal. Append-only by triggers. */
export const responses = pgTable(
  'responses',
  {
    id: uuid().primaryKey(),
    createdAt: instant().notNull(),
    pactId: uuid().notNull(),
    proposalId: uuid().notNull(),
    contentDigest: text().notNull(),
    organisationId: uuid().notNull(),
    /** What it was when it said so; null for what was said before this was kept. */
    organisationStatus: organisationStatus(),
    decision: responseDecision().notNull(),
    statement: text(),
    language: text(),
    knownTo: knownTo(),
  },
  (t) => [
    foreignKey({
      name: 'responses_of_text_in_pact',
      columns: [t.proposalId, t.pactId, t.contentDigest],
      foreignColumns: [proposals.id, proposals.pactId, proposals.contentDigest],
    }),
    foreignKey({
      name: 'responses_by_party',
      columns: [t.pactId, t.organisationId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    uniqueIndex('responses_one_decision')
      .on(t.proposalId, t.organisationId)
      .where(sql`decision in ('accept', 'decline')`),
    index('responses_by_pact').on(t.pactId, t.createdAt, t.id),
  ],
)
