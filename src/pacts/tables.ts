import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { calendarDate, dateRange, instant, knownTo, resourceColumns } from '../platform/database/columns.ts'
import { statesOf } from '../platform/lifecycle/lifecycle.ts'
import { organisations } from '../organisations/tables.ts'
import { pactLifecycle, purposes, partyStatuses } from './lifecycle.ts'

export const pactStatus = pgEnum('pact_status', statesOf(pactLifecycle))
export const pactPurpose = pgEnum('pact_purpose', purposes)
export const partyStatus = pgEnum('party_standing', partyStatuses)

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
    /** The proposer; once it was proposed, all parties. */
    knownTo: knownTo(),
    /** When the first proposal was made; before it, nobody but the proposer knows of the pact. */
    proposedAt: instant(),
    /** The proposal put last, or the one accepted by all; a foreign key of the baseline holds that it is one of this pact. */
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
    check('pacts_proposed', sql`${t.proposedAt} is not null or ${t.status} in ('draft', 'withdrawn')`),
    // What is signed, or was in force, is a text that stands; and there was a time to sign it in.
    check(
      'pacts_agreed',
      sql`num_nulls(${t.proposalId}, ${t.signBy}) = 0 or ${t.status} not in ('signing', 'lapsed', 'active', 'expired')`,
    ),
    check('pacts_activated', sql`(${t.activatedAt} is not null) = (${t.status} in ('active', 'expired'))`),
    check(
      'pacts_in_force',
      sql`num_nulls(${t.startsOn}, ${t.noticeDays}, ${t.activatedAt}) = case when ${t.activatedAt} is null then 3 else 0 end`,
    ),
    check('pacts_expired', sql`${t.endsOn} is not null or ${t.status} <> 'expired'`),
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
    standing: partyStatus().notNull(),
    addedAt: instant().notNull(),
    knownTo: knownTo(),
    /**
     * To which proposal it said no, when, and what version the pact then had: what the others do afterwards is
     * theirs. That the pact has this proposal is held by the migration.
     */
    declinedNumber: integer(),
    declinedAt: instant(),
    declinedVersion: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.pactId, t.organisationId] }),
    check(
      'pact_parties_declined',
      sql`num_nulls(${t.declinedNumber}, ${t.declinedAt}, ${t.declinedVersion}) = case when ${t.standing} = 'declined' then 0 else 3 end`,
    ),
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
    pactId: uuid().notNull(),
    lowerId: uuid().notNull(),
    higherId: uuid().notNull(),
    purpose: pactPurpose().notNull(),
    term: dateRange().notNull(),
    knownTo: knownTo(),
  },
  (t) => [
    primaryKey({ columns: [t.pactId, t.lowerId, t.higherId] }),
    foreignKey({
      name: 'pact_pairs_lower_is_party',
      columns: [t.pactId, t.lowerId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    foreignKey({
      name: 'pact_pairs_higher_is_party',
      columns: [t.pactId, t.higherId],
      foreignColumns: [pactParties.pactId, pactParties.organisationId],
    }),
    check('pact_pairs_ordered', sql`${t.lowerId} < ${t.higherId}`),
  ],
)
