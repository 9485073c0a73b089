import { and, eq, lt, sql } from 'drizzle-orm'
import { organisationsOf } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { build, prepared } from '../../platform/database/prepared.ts'
import { referenceTo } from '../../platform/database/references.ts'
import { skeletonsOf, skeletonsVersion } from '../../platform/wire/skeletons.ts'
import { countryCodes } from '../../platform/wire/codes/countries.ts'
import type { Batch } from '../../platform/jobs/sweeps.ts'
import type { Reference } from '../../platform/wire/common-schemas.ts'
import { readableStatuses } from '../policy.ts'
import { hashOf, keysOf, rareKeysOf, type LetterCounts } from '../../platform/wire/name-keys.ts'
import { organisations } from '../tables.ts'

/** As many as a person can compare. */
const duplicatesMax = 5

const value = (name: string) => sql.placeholder(name)

/** Both comparisons of pg_trgm for the few that share a rare key, in one statement. */
const similar = prepared(
  'similar_organisations',
  build.select({ reference: sql<Reference>`reference`.as('reference') }).from(
    sql`(
        with sought as materialized (
          select search_form(name, '{}', null) as form, false as is_skeleton from unnest(${value('names')}::text[]) name
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

const countries = [...countryCodes]
const countryHashes = countries.map(hashOf)
const sampleRows = 3000
const countsMinutesKept = 60
/** Of the process. Older counts, or those of another database, find the same names, only at a higher cost. */
let sampled: { at: number; counts: LetterCounts } | undefined

/** Counts letters in a sample once an hour. */
async function letterCounts(db: Db, now: string): Promise<LetterCounts> {
  const at = Date.parse(now)
  if (sampled && Math.abs(at - sampled.at) < countsMinutesKept * 60_000) return sampled.counts
  sampled = { at, counts: sampled?.counts ?? new Map() }
  const { rows } = await db.execute<{ letters: number; count: number }>(sql`
    select key # hash as letters, count(*)::int as count from (
      select country, unnest(name_keys) as key from ${organisations}
      tablesample system (least(100, 100.0 * ${sampleRows}::int / greatest(1, (
        select reltuples from pg_class where oid = 'organisations'::regclass))))
    ) sample
    join unnest(${sql.param(countries)}::text[], ${sql.param(countryHashes)}::int[]) as hashed(code, hash) on code = country
    group by 1 having count(*) > 1`)
  sampled = { at, counts: new Map(rows.map(({ letters, count }) => [letters, count])) }
  return sampled.counts
}

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
  const keys = rareKeysOf({ country, skeletons }, await letterCounts(db, context.now))
  const found = await similar(db, {
    id,
    country,
    names,
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

/** The columns to write with every change of a name or country; the database cannot compute them. */
export function skeletonColumns(named: NamedOrganisation & { country: string }) {
  const skeletons = [...new Set(namesOf(named).flatMap(skeletonsOf))]
  const nameKeys = keysOf({ country: named.country, skeletons })
  return { skeletons: skeletons.join(' \n '), skeletonsVersion, nameKeys }
}

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
