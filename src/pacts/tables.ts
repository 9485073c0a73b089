import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { calendarDate, dateRange, instant, resourceColumns } from '../platform/columns.ts'
import { statesOf } from '../platform/lifecycle.ts'
import { organisations } from '../organisations/tables.ts'
import { pactLifecycle, purposes, standings } from './lifecycle.ts'

export const pactStatus = pgEnum('pact_status', statesOf(pactLifecycle))
export const pactPurpose = pgEnum('pact_purpose', purposes)
export const partyStanding = pgEnum('party_standing', standings)

export const pacts = pgTable(
  'pacts',
  {
    ...resourceColumns,
    status: pactStatus().notNull(),
    title: text().notNull(),
    purpose: pactPurpose().notNull(),
    proposerId: uuid()
      .notNull()
      .references(() => organisations.id),
    /** When the first proposal was made; before it, nobody but the proposer knows of the pact. */
    proposedAt: instant(),
    /** The proposal put last, or the one accepted by all; its foreign key is in the migration. */
    proposalId: uuid(),
    startsOn: calendarDate(),
    /** The last day on which it is in force. */
    endsOn: calendarDate(),
    noticeDays: integer(),
    /** Until when all must have signed; after it the pact lapses. */
    signBy: instant(),
    activatedAt: instant(),
  },
  (t) => [
    check('pacts_term', sql`${t.endsOn} is null or ${t.endsOn} > ${t.startsOn}`),
    check('pacts_drafts', sql`(${t.proposedAt} is null) or ${t.status} <> 'draft'`),
    index('pacts_to_lapse')
      .on(t.signBy)
      .where(sql`status = 'signing'`),
    index('pacts_to_expire')
      .on(t.endsOn)
      .where(sql`status = 'active'`),
  ],
)

export const pactParties = pgTable(
  'pact_parties',
  {
    pactId: uuid()
      .notNull()
      .references(() => pacts.id),
    organisationId: uuid()
      .notNull()
      .references(() => organisations.id),
    standing: partyStanding().notNull(),
    addedAt: instant().notNull(),
    /** The number of the proposal to which it said no: what the others write afterwards is theirs. */
    declinedNumber: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.pactId, t.organisationId] }),
    check('pact_parties_declined', sql`(${t.standing} = 'declined') = (${t.declinedNumber} is not null)`),
    index('pact_parties_by_organisation').on(t.organisationId, t.pactId),
  ],
)

/**
 * Every pair of parties of a pact that is being signed or is in force, and only of those. The migration excludes
 * two pacts of one purpose between the same pair over overlapping terms.
 */
export const pactPairs = pgTable(
  'pact_pairs',
  {
    pactId: uuid()
      .notNull()
      .references(() => pacts.id),
    lowerId: uuid()
      .notNull()
      .references(() => organisations.id),
    higherId: uuid()
      .notNull()
      .references(() => organisations.id),
    purpose: pactPurpose().notNull(),
    term: dateRange().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.pactId, t.lowerId, t.higherId] }),
    check('pact_pairs_ordered', sql`${t.lowerId} < ${t.higherId}`),
  ],
)
