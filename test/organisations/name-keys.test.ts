import t from 'tap'
import { sql } from 'drizzle-orm'
import { similarOrganisations } from '../../src/organisations/possible-duplicates/queries.ts'
import { skeletonRenewal } from '../../src/organisations/possible-duplicates/skeleton-renewal.ts'
import { systemContext } from '../../src/platform/actions/action-context.ts'
import { skeletonsOf } from '../../src/platform/wire/skeletons.ts'
import { asOwner } from '../databases.ts'
import { openCoordination, verifiedUnion } from '../fixtures/unions.ts'
import type { Reference } from '../../src/platform/wire/common-schemas.ts'
import { openHouse, type House } from '../harness.ts'

const trades = [
  'Miners',
  'Teachers',
  'Dock workers',
  'Профсоюз горняков',
  'Gewerkschaft Nahrung',
  '鉱山労働者組合',
]
const places = ['Minsk', 'Salihorsk', 'Гродно', 'Saarbrücken', 'Łódź', 'Nantes', '大阪', 'Al-Mahalla']
const names = trades.flatMap((trade) =>
  places.flatMap((place) => [
    `${trade} of ${place}`,
    `${place} ${trade} 2`,
    `United ${trade}, ${place} branch`,
  ]),
)

/** Misspelled, shortened, reordered, in other letters. */
const disturbances: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.slice(0, 4) + name.slice(5),
  (name) => `${name.slice(0, 6)}x${name.slice(6)}`,
  (name) => name.split(' ').reverse().join(' '),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('o', 'о').replaceAll('e', 'е'),
  (name) => `${name} and all who work with them`,
  (name) => name.split(' ').slice(0, 2).join(' '),
]

/** Equal in the form of search_form(), while few or none of the trigrams of their skeletons are. */
const spellings: [string, string][] = [
  ['Weißgießer', 'Weissgiesser'],
  ['Groß Weiß', 'Gross Weiss'],
  ['Großfuß', 'Grossfuss'],
  ['Þórður', 'Thordur'],
  ['أمة حرة', 'امه حره'],
  ['१२३', '123'],
  ['٤٥٦', '456'],
]

/** Similar where vowel signs, which are marks, belong to words. The last two have few letters and many signs. */
const misspellings: [string, string][] = [
  ['मज़दूर किसान यूनियन', 'मजदूर किसान यूनीयन'],
  ['খনি শ্রমিক ইউনিয়ন', 'খনি শ্রমীক ইউনিয়ান'],
  ['किकीकुकूकेमि', 'किकीकुकूकेति'],
  ['কিকীকুকূকেমি', 'কিকীকুকূকেতি'],
]
const eitherWay = (pairs: [string, string][]) =>
  pairs.flatMap(([one, other]): [string, string][] => [
    [one, other],
    [other, one],
  ])

/** What the spellings have in common, in names elsewhere. So it is not what is rare. */
const commonParts = ['Wei gie er', 'Gro fu Wei', 'or ur', 'ام حر', 'क कि की कु कू के', 'ক কি কী কু কূ কে']
const elsewhere = Array.from({ length: 5 }).flatMap(() => commonParts)

/** Compares with every organisation of the country. */
async function comparedWithAll({ database }: House, name: string): Promise<string[]> {
  const { rows } = await database.read.execute<{ id: string }>(sql`
    select organisations.id from organisations, (
      select search_form(${name}, '{}', null) as form, false as is_skeleton
      union all select form, true from unnest(${sql.param(skeletonsOf(name))}::text[]) form
    ) sought
    where country = 'BY' and status = 'verified'
      and word_similarity(form, case when is_skeleton then skeletons else search_text end) >= 0.6
    group by organisations.id
    order by max(word_similarity(form, case when is_skeleton then skeletons else search_text end)) desc, organisations.id
    limit 5`)
  return rows.map(({ id }) => id)
}

/** Stores names with SQL alone, as something else than the service would. */
async function storeNames(house: House, stored: readonly string[], countryOf: (i: number) => string) {
  const values = stored.map(
    (name, i) => `(gen_random_uuid(), now(), now(), 'verified', 'union', '${name}', '${countryOf(i)}')`,
  )
  await asOwner(
    house.ownerUrl,
    `insert into organisations (id, created_at, updated_at, status, kind, name, country) values ${values.join()}; analyze organisations`,
  )
}

async function foundFor(house: House, name: string, now = house.now()): Promise<Reference[]> {
  const compared = { id: '00000000-0000-7000-8000-000000000000', country: 'BY', names: [name] }
  return similarOrganisations(house.database.read, systemContext(house.database, now), compared)
}

/** Later than the other tests by more than an hour, so that trigrams are counted anew. */
const laterDays = ['2031-01-01', '2032-01-01'].map((day) => new Date(day))

t.test(
  'the search for similar names finds what a comparison with every name of the country finds',
  async (t) => {
    const house = await openHouse(t)
    await storeNames(house, names, (i) => (i % 9 ? 'BY' : 'PL'))
    await house.run(skeletonRenewal)
    let found = 0

    for (const [i, name] of names.entries()) {
      const disturb = disturbances[i % disturbances.length]
      const asked = disturb?.(name) ?? name
      const ids = (await foundFor(house, asked)).map(({ id }) => id)
      t.same(ids, await comparedWithAll(house, asked), asked)
      found += ids.length
    }
    t.ok(found > names.length, 'most have several')
  },
)

t.test('a name in another spelling is found, whatever letters the skeletons share', async (t) => {
  const house = await openHouse(t)
  const pairs = eitherWay(spellings)
  await storeNames(
    house,
    pairs.map(([stored]) => stored),
    () => 'BY',
  )
  await storeNames(house, elsewhere, () => 'PL')
  await house.run(skeletonRenewal)

  for (const [stored, asked] of pairs) {
    const found = await foundFor(house, asked, laterDays[0])
    t.ok(
      found.some(({ name }) => name === stored),
      `${asked} finds ${stored}`,
    )
    t.same(
      found.map(({ id }) => id),
      await comparedWithAll(house, asked),
    )
  }
})

t.test('a misspelled name of a script with vowel signs is found where pg_trgm finds it', async (t) => {
  const house = await openHouse(t)
  const pairs = eitherWay(misspellings)
  await storeNames(
    house,
    pairs.map(([stored]) => stored),
    () => 'BY',
  )
  await storeNames(house, elsewhere, () => 'PL')
  await house.run(skeletonRenewal)

  for (const [stored, asked] of pairs) {
    const references = await foundFor(house, asked, laterDays[1])
    t.same(
      references.map(({ id }) => id),
      await comparedWithAll(house, asked),
      `${asked}, stored as ${stored}`,
    )
    t.ok(
      references.some(({ name }) => name === stored),
      `${asked} finds ${stored}`,
    )
  }
})

t.test('an organisation is found before its skeletons are computed', async (t) => {
  const house = await openHouse(t)
  await storeNames(house, ['Minsk Automobile Union'], () => 'BY')
  const versions = await house.database.read.execute(
    sql`select skeletons, skeletons_version from organisations where name = 'Minsk Automobile Union'`,
  )
  t.same(versions.rows, [{ skeletons: '', skeletons_version: 0 }])

  t.match(await foundFor(house, 'Minsk Automobile Unions'), [{ name: 'Minsk Automobile Union' }])
})

t.test(
  'an organisation that moves to another country is found by its name there, and no longer before',
  async (t) => {
    const house = await openHouse(t)
    const { first } = await openCoordination(house)
    const union = await verifiedUnion(house, first, { name: 'Minsk Automobile Union', country: 'BY' })
    const registered = async (country: string) => {
      const body = {
        kind: 'union',
        name: 'Minsk Automobile Unions',
        country,
        secretary: { displayName: 'Vesna' },
      }
      const { data } = await house.ask('POST', '/v1/organisations', { body })
      return data['possibleDuplicates'].map(({ id }: { id: string }) => id)
    }

    const rename = (token: string) =>
      house.ask('POST', `${union.url}/renamings`, {
        token,
        headers: { 'if-match': '*' },
        body: { name: 'Minsk Automobile Union', country: 'PL' },
      })
    t.equal((await rename(union.token)).statusCode, 200, 'its secretary requests it')
    t.match((await rename(first.token)).data, { country: 'PL' }, 'a coordinator approves it')

    t.same([await registered('PL'), await registered('BY')], [[union.id], []])
  },
)
