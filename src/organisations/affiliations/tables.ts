import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, uuid } from 'drizzle-orm/pg-core'
import { calendarDate, resourceColumns } from '../../platform/database/columns.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { organisations } from '../tables.ts'
import { affiliationLifecycle } from './lifecycle.ts'

export const affiliationStatus = pgEnum('affiliation_status', statesOf(affiliationLifecycle))

/**
 * The organisation `memberId` belongs to the organisation `parentId`. A constraint of the migration excludes overlaps.
 */
export const affiliations = pgTable(
  'affiliations',
  {
    ...resourceColumns,
    status: affiliationStatus().notNull(),
    memberId: uuid()
      .notNull()
      .references(() => organisations.id),
    parentId: uuid()
      .notNull()
      .references(() => organisations.id),
    startsOn: calendarDate().notNull(),
    /** The last day of the affiliation; null until it is ended. */
    endsOn: calendarDate(),
  },
  (t) => [
    check('affiliations_two_organisations', sql`${t.memberId} <> ${t.parentId}`),
    check('affiliations_period', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
    index('affiliations_by_member').on(t.memberId, t.createdAt.desc(), t.id.desc()),
    index('affiliations_by_parent').on(t.parentId, t.createdAt.desc(), t.id.desc()),
  ],
)
