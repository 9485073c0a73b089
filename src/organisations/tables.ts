import { sql, type SQL } from 'drizzle-orm'
import {
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  uuid,
  type AnyPgColumn,
} from 'drizzle-orm/pg-core'
import { instant, resourceColumns } from '../platform/database/columns.ts'
import { statesOf } from '../platform/lifecycle/lifecycle.ts'
import type { FirstApproval } from './approvals/lifecycle.ts'
import { organisationKinds, organisationLifecycle, type PendingMove } from './lifecycle.ts'

export const organisationStatus = pgEnum('organisation_status', statesOf(organisationLifecycle))
export const organisationKind = pgEnum('organisation_kind', organisationKinds)

export type ExternalId = { system: string; id: string }

/** Another name or country that a secretary has asked for, until a coordinator vouches for it. */
export type Renaming = FirstApproval & { name: string; country: string }

/** For a change after which no earlier approval is meant for the organisation any more. */
export const clearedApprovals = { pending: null, renaming: null } as const

export const organisations = pgTable(
  'organisations',
  {
    ...resourceColumns,
    status: organisationStatus().notNull(),
    kind: organisationKind().notNull(),
    name: text().notNull(),
    nameVariants: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    abbreviation: text(),
    // text, not char(2): comparing char(2) with a text expression loses the index.
    country: text().notNull(),
    region: text(),
    languages: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    industries: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    website: text(),
    about: text(),
    memberCount: integer(),
    externalIds: jsonb().$type<ExternalId[]>().notNull().default([]),
    pending: jsonb().$type<PendingMove>(),
    mergedIntoId: uuid(),
    /** While it is provisional: until when somebody must have vouched for it. */
    vouchBy: instant(),
    /** Since when nothing of it is shown to anybody else: see `seals`. */
    sealedAt: instant(),
    /** Who made it while it was unclaimed. */
    createdByOrganisationId: uuid(),
    /** When it claimed its account, by a link of whoever made it known. */
    claimedAt: instant(),
    /** The coordination with whose invitation it registered. */
    invitedById: uuid().references((): AnyPgColumn => organisations.id),
    /** The coordination that it asked to verify it. */
    vouchingCoordinationId: uuid().references((): AnyPgColumn => organisations.id),
    renaming: jsonb().$type<Renaming>(),
    /** Names under which somebody vouched for it, oldest first. */
    formerNames: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** Name, variants and abbreviation in the spelling of search_form(), which stands in the migrations. */
    searchText: text()
      .notNull()
      .generatedAlwaysAs(sql`search_form(name, name_variants, abbreviation)`),
    /** Single characters and pairs of them, of scripts without blanks between words. */
    searchPairs: text()
      .array()
      .notNull()
      .generatedAlwaysAs(sql`search_pairs(name, name_variants, abbreviation)`),
    /** What the names look like, and by which version that was computed: see platform/wire/skeletons.ts. */
    skeletons: text().notNull().default(''),
    skeletonsVersion: integer().notNull().default(0),
  },
  (t) => [
    check('organisations_country', sql`${t.country} ~ '^[A-Z]{2}$'`),
    check('organisations_merged', sql`(${t.status} = 'merged') = (${t.mergedIntoId} is not null)`),
    check('organisations_vouched_in_time', sql`${t.status} <> 'provisional' or ${t.vouchBy} is not null`),
    check('organisations_member_count', sql`${t.memberCount} >= 0`),
    index('organisations_newest').on(t.createdAt.desc(), t.id.desc()),
    index('organisations_changed').on(t.updatedAt.desc(), t.id.desc()),
    index('organisations_by_country').on(t.country, t.createdAt.desc(), t.id.desc()),
    index('organisations_by_status').on(t.status, t.createdAt.desc(), t.id.desc()),
    index('organisations_by_kind').on(t.kind, t.createdAt.desc(), t.id.desc()),
    // Written at once: what waits in a list to be sorted in later is read whole by every search until then, which after
    // some thousands of registrations made looking for duplicates ten times as dear.
    index('organisations_by_industry').using('gin', t.industries).with({ fastupdate: false }),
    // With the country, because likeness is asked within one whenever somebody registers.
    index('organisations_search')
      .using('gin', t.country, sql`search_text gin_trgm_ops`)
      .with({ fastupdate: false }),
    index('organisations_skeletons')
      .using('gin', t.country, sql`skeletons gin_trgm_ops`)
      .with({ fastupdate: false }),
    index('organisations_skeletons_version').on(t.skeletonsVersion),
    index('organisations_search_pairs').using('gin', t.searchPairs).with({ fastupdate: false }),
    index('organisations_lapsing')
      .on(t.vouchBy)
      .where(sql`status = 'provisional'`),
    // The verification queue, whole and of one coordination.
    index('organisations_to_verify')
      .on(isSelfRegistered(t), t.vouchBy, t.id)
      .where(sql`status = 'provisional'`),
    index('organisations_to_verify_by')
      .on(t.vouchingCoordinationId, isSelfRegistered(t), t.vouchBy, t.id)
      .where(sql`status = 'provisional'`),
    // Asked with every caller.
    index('organisations_sealed')
      .on(t.id)
      .where(sql`sealed_at is not null`),
    index('organisations_merged_into')
      .on(t.mergedIntoId)
      .where(sql`merged_into_id is not null`),
  ],
)

/** Whether it registered by itself: no coordination invited it or made it known. Word for word as the index has it. */
export function isSelfRegistered(t: { invitedById: AnyPgColumn; createdByOrganisationId: AnyPgColumn }): SQL {
  return sql`(${t.invitedById} is null and ${t.createdByOrganisationId} is null)`
}
