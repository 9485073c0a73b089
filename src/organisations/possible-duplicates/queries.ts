import { and, desc, eq, lt, ne, or, sql, type SQL } from 'drizzle-orm'
import { organisationsOf } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { build, prepared } from '../../platform/database/prepared.ts'
import { referenceTo } from '../../platform/database/references.ts'
import { skeletonsOf, skeletonsVersion } from '../../platform/wire/skeletons.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import type { Reference } from '../../platform/wire/common-schemas.ts'
import { readableStatuses } from '../policy.ts'
import { organisations } from '../tables.ts'

/** As many as a person can compare. */
const duplicatesMax = 5

const prepareSimilarity = (statement: string, sought: SQL, compared: SQL) =>
  prepared(
    statement,
    build
      .select({
        reference: referenceTo('organisations', organisations.id, organisations.name),
        likeness: sql<number>`max(word_similarity(sought.form, ${compared}))::float8`.as('likeness'),
      })
      .from(sql`(${sought} offset 0) sought`)
      .innerJoin(organisations, sql`sought.form <% ${compared}`)
      .where(
        and(
          eq(organisations.country, sql.placeholder('country')),
          ne(organisations.id, sql.placeholder('id')),
          or(
            sql`${organisations.status} = any(${sql.placeholder('readable')}::organisation_status[]) and ${organisations.sealedAt} is null`,
            sql`${organisations.id} = any(${sql.placeholder('own')}::uuid[])`,
          ),
        ),
      )
      .groupBy(organisations.id)
      .orderBy(desc(sql`likeness`), organisations.id)
      .limit(duplicatesMax),
  )

const similarInText = prepareSimilarity(
  'similar_organisations',
  sql`select search_form(name, '{}', null) as form from unnest(${sql.placeholder('names')}::text[]) name`,
  sql`${organisations.searchText}`,
)
const similarInAppearance = prepareSimilarity(
  'organisations_looking_alike',
  sql`select form from unnest(${sql.placeholder('looks')}::text[]) form`,
  sql`${organisations.skeletons}`,
)

type ComparedNames = { id: string; country: string; names: readonly string[] }

/**
 * Finds organisations of the same country with a name or variant that reads or looks alike, among those the caller may
 * read, most similar first. Call it with RLS bypassed: policies would keep PostgreSQL from using the indexes.
 */
export async function similarOrganisations(
  db: Db,
  context: ActionContext,
  { id, country, names }: ComparedNames,
): Promise<Reference[]> {
  const visibility = {
    id,
    country,
    readable: readableStatuses(context.caller),
    own: organisationsOf(context.caller),
  }
  const found = await Promise.all([
    similarInText(db, { ...visibility, names }),
    similarInAppearance(db, { ...visibility, looks: names.flatMap(skeletonsOf) }),
  ])
  const mostSimilarFirst = found.flat().sort((a, b) => b.likeness - a.likeness)
  const withoutRepeats = new Map(mostSimilarFirst.map(({ reference }) => [reference.id, reference]))
  return [...withoutRepeats.values()].slice(0, duplicatesMax)
}

type NamedOrganisation = {
  name: string
  nameVariants?: readonly string[] | undefined
  abbreviation?: string | null | undefined
}

export const namesOf = ({ name, nameVariants, abbreviation }: NamedOrganisation): string[] => [
  name,
  ...(nameVariants ?? []),
  ...(abbreviation ? [abbreviation] : []),
]

/** The columns to write with every change of a name; the database cannot compute them. */
export const skeletonColumns = (named: NamedOrganisation) => ({
  skeletons: [...new Set(namesOf(named).flatMap(skeletonsOf))].join(' \n '),
  skeletonsVersion,
})

/** Skeletons of older rules, or written by something else. A newer version of the service keeps its own. */
const hasOldSkeletons = lt(organisations.skeletonsVersion, skeletonsVersion)

export const organisationsWithOldSkeletons = (db: Db, { limit, except }: Batch) =>
  db
    .select({ id: organisations.id })
    .from(organisations)
    .where(and(hasOldSkeletons, sql`${organisations.id} <> all(${sql.param(except)}::uuid[])`))
    .limit(limit)

/** Recomputes the skeletons without a new version, because nothing visible changes. */
export async function renewSkeletons(tx: Tx, id: string): Promise<boolean> {
  const [row] = await tx
    .select()
    .from(organisations)
    .where(and(eq(organisations.id, id), hasOldSkeletons))
    .for('no key update', { skipLocked: true })
  if (!row) return false
  await tx.update(organisations).set(skeletonColumns(row)).where(eq(organisations.id, id))
  return true
}
