import { sql } from 'drizzle-orm'
import { boolean, check, pgTable, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../../platform/database/columns.ts'
import { approvalColumns } from '../approvals/tables.ts'
import { organisationKind, organisations } from '../tables.ts'

/**
 * A seal hides an organisation from everybody else until two persons have lifted it. The row stores who took part; each
 * read checks `organisations.sealed_at`.
 */
export const seals = pgTable(
  'seals',
  {
    ...resourceColumns,
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    /** Copied here, because an outside approver sees this row and not the organisation's. */
    organisationKind: organisationKind().notNull(),
    sealedById: uuid().notNull(),
    /** The first approval of lifting the seal, which is always by one of its own people. */
    ...approvalColumns(),
    /** The delegate, or the operator's token, who gave the second approval. */
    liftedById: uuid(),
    liftedAt: instant(),
  },
  (t) => [
    check(
      'seals_asked',
      sql`num_nulls(${t.requestedById}, ${t.requestedMandateId}, ${t.requestedForId}, ${t.expiresAt}) in (0, 4) and ${t.requestedForId} = ${t.organisationId}`,
    ),
    check('seals_lifted', sql`(${t.liftedById} is null) = (${t.liftedAt} is null)`),
    check(
      'seals_lifted_by_two',
      sql`${t.liftedAt} is null or ${t.liftedById} is distinct from ${t.requestedById} and ${t.requestedById} is not null`,
    ),
    uniqueIndex('seals_standing')
      .on(t.organisationId)
      .where(sql`lifted_at is null`),
  ],
)

/** One row. Its version is another one after every transaction that sealed or unsealed an organisation: see functions.sql. */
export const sealVersion = pgTable(
  'seal_version',
  { only: boolean().primaryKey().default(true), version: uuid().notNull() },
  (t) => [check('seal_version_once', sql`${t.only}`)],
)
