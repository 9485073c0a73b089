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

/** A name or country that a secretary has requested and a coordinator has not approved yet. */
export type Renaming = FirstApproval & { name: string; country: string }

/** For changes after which earlier approvals no longer apply. */
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
    /** While it is provisional: the deadline for its verification. */
    vouchBy: instant(),
    /** When it was sealed: see `seals`. */
    sealedAt: instant(),
    /** The coordination that created it unclaimed. */
    createdByOrganisationId: uuid(),
    /** When its account was claimed with a link of that coordination. */
    claimedAt: instant(),
    /** The coordination whose invitation it used to register. */
    invitedById: uuid().references((): AnyPgColumn => organisations.id),
    /** The coordination that it asked for verification. */
    vouchingCoordinationId: uuid().references((): AnyPgColumn => organisations.id),
    renaming: jsonb().$type<Renaming>(),
    /** Former names under which it was verified, oldest first. */
    formerNames: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    /** Name, variants and abbreviation in the form of search_form(), which is in the migrations. */
    searchText: text()
      .notNull()
      .generatedAlwaysAs(sql`search_form(name, name_variants, abbreviation)`),
    /** Single characters and pairs of them, for scripts without spaces between words. */
    searchPairs: text()
      .array()
      .notNull()
      .generatedAlwaysAs(sql`search_pairs(name, name_variants, abbreviation)`),
    /** The skeletons of the names and the version of their rules: see platform/wire/skeletons.ts. */
    skeletons: text().notNull().default(''),
    skeletonsVersion: integer().notNull().default(0),
    /** For the search for similar names: see possible-duplicates/rare-keys/queries.ts. name_keys() is in the migrations. */
    nameKeys: integer()
      .array()
      .notNull()
      .generatedAlwaysAs(sql`name_keys(country, search_form(name, name_variants, abbreviation), skeletons)`),
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
    // fastupdate off: after some thousands of registrations, every search for duplicates read the whole pending list
    // and took ten times as long.
    index('organisations_by_industry').using('gin', t.industries).with({ fastupdate: false }),
    // Includes the country, because each registration searches for similar names within one.
    index('organisations_search')
      .using('gin', t.country, sql`search_text gin_trgm_ops`)
      .with({ fastupdate: false }),
    index('organisations_name_keys').using('gin', t.nameKeys).with({ fastupdate: false }),
    index('organisations_skeletons_version').on(t.skeletonsVersion),
    index('organisations_search_pairs').using('gin', t.searchPairs).with({ fastupdate: false }),
    index('organisations_lapsing')
      .on(t.vouchBy)
      .where(sql`status = 'provisional'`),
    // For the verification queue, in total and by coordination.
    index('organisations_to_verify')
      .on(isSelfRegistered(t), t.vouchBy, t.id)
      .where(sql`status = 'provisional'`),
    index('organisations_to_verify_by')
      .on(t.vouchingCoordinationId, isSelfRegistered(t), t.vouchBy, t.id)
      .where(sql`status = 'provisional'`),
    // Read with every caller.
    index('organisations_sealed')
      .on(t.id)
      .where(sql`sealed_at is not null`),
    // The order of the list of approvals: instants are kept as text of one form.
    index('organisations_pending_move')
      .on(sql`((pending ->> 'expiresAt') collate "C") desc nulls last`, sql`id desc nulls last`)
      .where(sql`pending is not null`),
    index('organisations_pending_name')
      .on(sql`((renaming ->> 'expiresAt') collate "C") desc nulls last`, sql`id desc nulls last`)
      .where(sql`renaming is not null`),
    index('organisations_merged_into')
      .on(t.mergedIntoId)
      .where(sql`merged_into_id is not null`),
  ],
)

/** Whether it registered itself: no coordination invited or created it. Must equal the expression of the index. */
export function isSelfRegistered(t: { invitedById: AnyPgColumn; createdByOrganisationId: AnyPgColumn }): SQL {
  return sql`(${t.invitedById} is null and ${t.createdByOrganisationId} is null)`
}
