/**
 * Keys of names, by which an index finds those that may be similar. A key is a hash of a trigram that pg_trgm takes from the
 * search form or from a skeleton of a name, combined with that of the country, so that each country has lists of its own.
 * PostgreSQL computes all keys, stored and sought, because which characters belong to a word depends on its locale.
 *
 * A name that is similar to another contains at least 0.6 of its trigrams: the threshold of `<%`. So it contains at least
 * one of any choice of 0.4 of them and one more. The rarest are looked up.
 */
import { sql } from 'drizzle-orm'
import type { Db } from '../../../platform/database/database.ts'
import { build, prepared } from '../../../platform/database/prepared.ts'
import { organisations } from '../../tables.ts'

/** How often a trigram occurs in a sample of names of all countries, by its hash. */
type TrigramCounts = ReadonlyMap<number, number>

const othersShareMax = 0.4
const sampleRows = 3000
const countsMinutesKept = 60

/** The forms in which names are compared, with the hashes of their trigrams. */
const soughtForms = prepared(
  'sought_name_forms',
  build
    .select({
      form: sql<string>`form`.as('form'),
      isSkeleton: sql<boolean>`is_skeleton`.as('is_skeleton'),
      keys: sql<number[]>`name_keys(${sql.placeholder('country')}::text, form)`.as('keys'),
      countryHash: sql<number>`hashtext(${sql.placeholder('country')}::text)`.as('country_hash'),
    })
    .from(
      sql`(
        select search_form(name, '{}', null) as form, false as is_skeleton
        from unnest(${sql.placeholder('names')}::text[]) name
        union all
        select form, true from unnest(${sql.placeholder('skeletons')}::text[]) form
      ) sought`,
    ),
)

type Sought = { country: string; names: readonly string[]; skeletons: readonly string[] }

/** The keys to look up, and the search forms of the names. */
export async function rareKeysOf(
  db: Db,
  now: string,
  sought: Sought,
): Promise<{ texts: string[]; keys: number[] }> {
  const forms = await soughtForms(db, sought)
  const counts = await trigramCounts(db, now)
  return {
    texts: forms.filter(({ isSkeleton }) => !isSkeleton).map(({ form }) => form),
    keys: [...new Set(forms.flatMap(({ keys, countryHash }) => rarest(keys, countryHash, counts)))],
  }
}

/** The counts decide only how much is found that is not similar. */
function rarest(keys: readonly number[], countryHash: number, counts: TrigramCounts): number[] {
  const countOf = (key: number) => counts.get(key ^ countryHash) ?? 0
  return keys
    .toSorted((one, other) => countOf(one) - countOf(other))
    .slice(0, Math.floor(keys.length * othersShareMax) + 1)
}

/** Of the process. Older counts, or those of another database, find the same names, only at a higher cost. */
let sampled: { at: number; counts: TrigramCounts } | undefined

/** Counts trigrams in a sample once an hour. */
async function trigramCounts(db: Db, now: string): Promise<TrigramCounts> {
  const at = Date.parse(now)
  if (sampled && Math.abs(at - sampled.at) < countsMinutesKept * 60_000) return sampled.counts
  sampled = { at, counts: sampled?.counts ?? new Map() }
  const { rows } = await db.execute<{ trigram: number; count: number }>(sql`
    select key # hashtext(country) as trigram, count(*)::int as count from (
      select country, unnest(name_keys) as key from ${organisations}
      tablesample system (least(100, 100.0 * ${sampleRows}::int / greatest(1, (
        select reltuples from pg_class where oid = 'organisations'::regclass))))
    ) sample
    group by 1 having count(*) > 1`)
  sampled = { at, counts: new Map(rows.map(({ trigram, count }) => [trigram, count])) }
  return sampled.counts
}
