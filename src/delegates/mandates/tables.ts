import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { allPowers, type Power } from '../../platform/access.ts'
import { calendarDate, resourceColumns } from '../../platform/database/columns.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { organisationKind, organisations, organisationStatus } from '../../organisations/tables.ts'
import { delegates } from '../tables.ts'
import { mandateLifecycle, offices } from './lifecycle.ts'

export const mandateStatus = pgEnum('mandate_status', statesOf(mandateLifecycle))
export const mandateOffice = pgEnum('mandate_office', offices)

/**
 * An organisation gives a delegate an office and powers for a period. The migration excludes two active mandates
 * of one delegate, organisation and office over overlapping periods.
 */
export const mandates = pgTable(
  'mandates',
  {
    ...resourceColumns,
    status: mandateStatus().notNull(),
    delegateId: uuid()
      .notNull()
      .references(() => delegates.id),
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    office: mandateOffice().notNull(),
    powers: text().array().$type<Power[]>().notNull(),
    startsOn: calendarDate().notNull(),
    /** The last day of the mandate; null until it is recalled. */
    endsOn: calendarDate(),
    evidence: text(),
  },
  (t) => [
    check('mandates_period', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
    check('mandates_powers', sql`${t.powers} <@ ${sql.raw(`array['${allPowers().join("','")}']`)}`),
    // Referenced by actions under a mandate: the person who acted must be its holder.
    unique('mandates_of_delegate').on(t.id, t.delegateId),
    // Without this, a person who lost an office could flood the administrators with claims.
    uniqueIndex('mandates_one_claim')
      .on(t.delegateId, t.organisationId)
      .where(sql`status = 'submitted'`),
    index('mandates_by_delegate').on(t.delegateId),
    index('mandates_by_organisation').on(t.organisationId, t.createdAt.desc(), t.id.desc()),
    index('mandates_ending')
      .on(t.endsOn)
      .where(sql`status = 'active' and ends_on is not null`),
  ],
)

/**
 * What each active mandate gives, and for which organisations: its own, and those merged into it. Triggers keep it from
 * `mandates` and `organisations`, because every request with a token reads it: see functions.sql. Dates are compared when it
 * is read. Organisations that may not act have no row.
 */
export const authorities = pgTable(
  'authorities',
  {
    delegateId: uuid().notNull(),
    mandateId: uuid().notNull(),
    organisationId: uuid().notNull(),
    organisationKind: organisationKind().notNull(),
    organisationStatus: organisationStatus().notNull(),
    sealed: boolean().notNull(),
    /** Empty while the organisation is sealed, and without `vouch` for one that was merged. */
    powers: text().array().$type<Power[]>().notNull(),
    startsOn: calendarDate().notNull(),
    endsOn: calendarDate(),
  },
  (t) => [
    primaryKey({ columns: [t.delegateId, t.mandateId, t.organisationId] }),
    foreignKey({
      name: 'authorities_of_mandate',
      columns: [t.mandateId, t.delegateId],
      foreignColumns: [mandates.id, mandates.delegateId],
    })
      .onDelete('cascade')
      .onUpdate('cascade'),
  ],
)
