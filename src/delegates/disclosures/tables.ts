import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../../platform/database/columns.ts'
import { requestColumns } from '../../organisations/approvals/tables.ts'
import { organisations } from '../../organisations/tables.ts'
import { mandates } from '../mandates/tables.ts'
import { delegates } from '../tables.ts'

/** Emergency access: two coordinators of two coordinations may read the identity of a delegate, who can see it. */
export const disclosures = pgTable(
  'disclosures',
  {
    ...resourceColumns,
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    reason: text().notNull(),
    /** The first approval. Once the second is given, `expiresAt` is until when the identity is disclosed. */
    ...requestColumns({
      delegate: () => delegates.id,
      mandate: () => mandates.id,
      organisation: () => organisations.id,
    }),
    grantedById: uuid().references(() => delegates.id),
    grantedMandateId: uuid().references(() => mandates.id),
    grantedForId: uuid().references(() => organisations.id),
    grantedAt: instant(),
    /** Revoked by a coordinator, or with the second factor of one of the two. */
    endedAt: instant(),
    endedById: uuid().references(() => delegates.id),
  },
  (t) => [
    check('disclosures_by_two', sql`${t.grantedById} <> ${t.requestedById}`),
    check('disclosures_by_two_coordinations', sql`${t.grantedForId} <> ${t.requestedForId}`),
    check('disclosures_of_others', sql`${t.delegateId} not in (${t.requestedById}, ${t.grantedById})`),
    // Rows from before the second mandate was stored are over.
    check(
      'disclosures_granted',
      sql`(${t.grantedById} is null) = (${t.grantedAt} is null) and (
        ${t.grantedById} is null or ${t.endedAt} is not null
        or ${t.grantedMandateId} is not null and ${t.grantedForId} is not null)`,
    ),
    check('disclosures_ended', sql`(${t.endedById} is null) = (${t.endedAt} is null)`),
    index('disclosures_by_delegate').on(t.delegateId, t.createdAt, t.id),
    index('disclosures_by_requester').on(t.requestedById),
    index('disclosures_by_granter')
      .on(t.grantedById)
      .where(sql`${t.grantedById} is not null`),
    index('disclosures_requested')
      .on(t.expiresAt.desc(), t.id.desc())
      .where(sql`granted_at is null and ended_at is null`),
    index('disclosures_newest').on(t.createdAt, t.id),
    index('disclosures_with_reason')
      .on(t.expiresAt)
      .where(sql`reason <> ''`),
  ],
)

/** Who read whose identity, and by what right: shown to the person, and counted against the daily limit. */
export const identityReads = pgTable(
  'identity_reads',
  {
    id: uuid().primaryKey(),
    createdAt: instant().notNull(),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    readerId: uuid()
      .notNull()
      .references(() => delegates.id),
    /** The participant whose consent allowed the read; otherwise the disclosure did. */
    participantId: uuid(),
    disclosureId: uuid().references(() => disclosures.id),
  },
  (t) => [
    check('identity_reads_ground', sql`(${t.participantId} is null) <> (${t.disclosureId} is null)`),
    index('identity_reads_of_delegate').on(t.delegateId, t.createdAt, t.id),
    index('identity_reads_by_reader').on(t.readerId, t.createdAt),
    index('identity_reads_oldest').on(t.createdAt),
  ],
)
