import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { calendarDate, instant, resourceColumns } from '../platform/columns.ts'
import { statesOf } from '../platform/lifecycle.ts'
import { organisations } from '../organisations/tables.ts'
import { pactLifecycle, purposes } from './lifecycle.ts'

export const pactStatus = pgEnum('pact_status', statesOf(pactLifecycle))
export const pactPurpose = pgEnum('pact_purpose', purposes)
/** A party that said no stays on record, but is a party no more. */
export const partyStanding = pgEnum('party_standing', ['invited', 'party', 'declined'])

export const pacts = pgTable(
  'pacts',
  {
    ...resourceColumns,
    status: pactStatus().notNull(),
    title: text().notNull(),
    purpose: pactPurpose().notNull(),
    proposerId: uuid().notNull().references(() => organisations.id),
    /** The proposal on the table, or the one accepted by all; its foreign key is in the migration. */
    proposalId: uuid(),
    startsOn: calendarDate(),
    endsOn: calendarDate(),
    noticeDays: integer(),
    /** Until when all must have signed; after it the pact lapses. */
    signBy: instant(),
    activatedAt: instant(),
  },
  (t) => [
    check('pacts_term', sql`${t.endsOn} is null or ${t.endsOn} > ${t.startsOn}`),
    index('pacts_to_lapse').on(t.signBy).where(sql`status = 'signing'`),
    index('pacts_to_expire').on(t.endsOn).where(sql`status = 'active'`),
  ],
)

export const pactParties = pgTable(
  'pact_parties',
  {
    pactId: uuid().notNull().references(() => pacts.id),
    organisationId: uuid().notNull().references(() => organisations.id),
    standing: partyStanding().notNull(),
    addedAt: instant().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.pactId, t.organisationId] }),
    index('pact_parties_by_organisation').on(t.organisationId, t.pactId),
  ],
)
