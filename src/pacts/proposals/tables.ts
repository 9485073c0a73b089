import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant, knownTo, resourceColumns } from '../../platform/database/columns.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { pactParties, pacts } from '../tables.ts'
import { proposalLifecycle } from './lifecycle.ts'
import type { ProposalContent } from './schemas.ts'

export const proposalStatus = pgEnum('proposal_status', statesOf(proposalLifecycle))

/** Triggers in policies.sql let only the status change, once, and refuse to delete a row. */
export const proposals = pgTable(
  'proposals',
  {
    ...resourceColumns,
    pactId: uuid()
      .notNull()
      .references(() => pacts.id),
    number: integer().notNull(),
    status: proposalStatus().notNull(),
    /** The party that made the proposal; making it also accepts it. */
    authorId: uuid().notNull(),
    supersedesId: uuid(),
    answerBy: instant().notNull(),
    /** What the digest is over; there is no second copy of it in columns that could say something else. */
    content: jsonb().$type<ProposalContent>().notNull(),
    /** SHA-256 of the content's canonical JSON, lower-case hex. */
    contentDigest: text().notNull(),
    knownTo: knownTo(),
  },
  (t) => [
    unique('proposals_number').on(t.pactId, t.number),
    // For those who refer to a proposal: it is one of their pact, and has the text that they mean.
    unique('proposals_in_pact').on(t.id, t.pactId),
    unique('proposals_text').on(t.id, t.pactId, t.contentDigest),
    uniqueIndex('proposals_one_open')
      .on(t.pactId)
      .where(sql`status = 'open'`),
    foreignKey({
      name: 'proposals_by_party',
      columns: [t.pactId, t.authorId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    foreignKey({
      name: 'proposals_supersedes_in_pact',
      columns: [t.supersedesId, t.pactId],
      foreignColumns: [t.id, t.pactId],
    }),
    check('proposals_content_digest', sql`${t.contentDigest} ~ '^[0-9a-f]{64}$'`),
    index('proposals_to_expire')
      .on(t.answerBy)
      .where(sql`status = 'open'`),
  ],
)
