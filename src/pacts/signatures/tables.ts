import { foreignKey, index, jsonb, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { instant, knownTo } from '../../platform/database/columns.ts'
import type { Receipt } from '../../platform/ledger/receipts.ts'
import { mandates } from '../../delegates/mandates/tables.ts'
import { organisationStatus } from '../../organisations/tables.ts'
import { proposals } from '../proposals/tables.ts'
import { pactParties } from '../tables.ts'

/** What the service vouches for: that this organisation's mandate signed this text at this instant. */
export type SignaturePayload = {
  purpose: 'pact-signature'
  pactId: string
  proposalId: string
  contentDigest: string
  organisationId: string
  mandateId: string
  signedAt: string
}

/** Append-only by triggers. A signature of a proposal that the pact has left behind is void, and stays. */
export const signatures = pgTable(
  'signatures',
  {
    id: uuid().primaryKey(),
    /** The same instant, to the letter, as in the receipt. */
    signedAt: instant().notNull(),
    pactId: uuid().notNull(),
    proposalId: uuid().notNull(),
    contentDigest: text().notNull(),
    organisationId: uuid().notNull(),
    /** What it was when it signed; null for what was signed before this was kept. */
    organisationStatus: organisationStatus(),
    delegateId: uuid().notNull(),
    mandateId: uuid().notNull(),
    receipt: jsonb().$type<Receipt<SignaturePayload>>().notNull(),
    knownTo: knownTo(),
  },
  (t) => [
    foreignKey({
      name: 'signatures_of_text_in_pact',
      columns: [t.proposalId, t.pactId, t.contentDigest],
      foreignColumns: [proposals.id, proposals.pactId, proposals.contentDigest],
    }),
    foreignKey({
      name: 'signatures_by_party',
      columns: [t.pactId, t.organisationId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    foreignKey({
      name: 'signatures_by_mandate',
      columns: [t.mandateId, t.delegateId],
      foreignColumns: [mandates.id, mandates.delegateId],
    }),
    unique('signatures_one_each').on(t.proposalId, t.organisationId),
    index('signatures_by_pact').on(t.pactId, t.signedAt),
  ],
)
