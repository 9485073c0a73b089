import { and, eq, lt, sql } from 'drizzle-orm'
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
import { rareKeysOf } from './rare-keys/queries.ts'

/** As many as a person can compare. */
const duplicatesMax = 5

const value = (name: string) => sql.placeholder(name)

/** Both comparisons of pg_trgm for the few that share a rare key, in one statement. */
const similar = prepared(
  'similar_organisations',
  build.select({ reference: sql<Reference>`reference`.as('reference') }).from(
    sql`(
        with sought as materialized (
          select form, false as is_skeleton from unnest(${value('texts')}::text[]) form
          union all
          select form, true from unnest(${value('skeletons')}::text[]) form
        ), candidates as materialized (
          select id, name, country, search_text, skeletons from ${organisations}
          where name_keys && ${value('keys')}::int[] and id <> ${value('id')}
            and (status = any(${value('readable')}::organisation_status[]) and sealed_at is null
              or id = any(${value('own')}::uuid[]))
        )
        select ${referenceTo('organisations', sql`id`, sql`name`)} as reference,
          max(word_similarity(form, case when is_skeleton then skeletons else search_text end)) as likeness
        from candidates join sought on case when is_skeleton then form <% skeletons else form <% search_text end
        -- Not above, where it would be looked up in another index: the keys are of one country already.
        where country = ${value('country')}
        group by id, name order by likeness desc, id limit ${sql.raw(String(duplicatesMax))}
      ) found`,
  ),
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
  const skeletons = names.flatMap(skeletonsOf)
  const { texts, keys } = await rareKeysOf(db, context.now, { country, names, skeletons })
  const found = await similar(db, {
    id,
    country,
    texts,
    skeletons,
    keys,
    readable: readableStatuses(context.caller),
    own: organisationsOf(context.caller),
  })
  return found.map(({ reference }) => reference)
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
