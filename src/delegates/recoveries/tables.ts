import { sql } from 'drizzle-orm'
import { check, index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../../platform/database/columns.ts'
import { requestColumns } from '../../organisations/approvals/tables.ts'
import { organisations } from '../../organisations/tables.ts'
import { mandates } from '../mandates/tables.ts'
import { delegates } from '../tables.ts'

/** Two coordinators give a new enrolment link to an administrator who lost their token. */
export const recoveries = pgTable(
  'recoveries',
  {
    ...resourceColumns,
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    reason: text().notNull(),
    /** The first approval. Once the second is given, `expiresAt` is until when the link is valid. */
    ...requestColumns({
      delegate: () => delegates.id,
      mandate: () => mandates.id,
      organisation: () => organisations.id,
    }),
    grantedById: uuid().references(() => delegates.id),
    grantedForId: uuid().references(() => organisations.id),
    grantedAt: instant(),
    /** No foreign key, because used and expired links are deleted. */
    enrolmentLinkId: uuid(),
    /** When it was cancelled before it expired. */
    endedAt: instant(),
    endedById: uuid().references(() => delegates.id),
  },
  (t) => [
    check('recoveries_by_two', sql`${t.grantedById} <> ${t.requestedById}`),
    check('recoveries_by_two_coordinations', sql`${t.grantedForId} <> ${t.requestedForId}`),
    check('recoveries_of_others', sql`${t.delegateId} not in (${t.requestedById}, ${t.grantedById})`),
    check(
      'recoveries_granted',
      sql`(${t.grantedById} is null) = (${t.grantedAt} is null) and (${t.grantedById} is null) = (${t.grantedForId} is null) and (${t.grantedById} is null) = (${t.enrolmentLinkId} is null)`,
    ),
    check('recoveries_ended', sql`(${t.endedById} is null) = (${t.endedAt} is null)`),
    index('recoveries_by_organisation').on(t.organisationId, t.createdAt, t.id),
    index('recoveries_by_delegate').on(t.delegateId, t.createdAt, t.id),
    index('recoveries_by_requester').on(t.requestedById),
    index('recoveries_requested')
      .on(t.expiresAt.desc(), t.id.desc())
      .where(sql`granted_at is null and ended_at is null`),
    index('recoveries_newest').on(t.createdAt, t.id),
    index('recoveries_with_reason')
      .on(t.expiresAt)
      .where(sql`reason <> ''`),
  ],
)
