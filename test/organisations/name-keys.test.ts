import t from 'tap'
import { sql } from 'drizzle-orm'
import { similarOrganisations } from '../../src/organisations/possible-duplicates/queries.ts'
import { skeletonRenewal } from '../../src/organisations/possible-duplicates/skeleton-renewal.ts'
import { systemContext } from '../../src/platform/actions/action-context.ts'
import { skeletonsOf } from '../../src/platform/wire/skeletons.ts'
import { asOwner } from '../databases.ts'
import { openCoordination, verifiedUnion } from '../fixtures/unions.ts'
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

t.test(
  'the search for similar names finds what a comparison with every name of the country finds',
  async (t) => {
    const house = await openHouse(t)
    const values = names.map(
      (name, i) =>
        `(gen_random_uuid(), now(), now(), 'verified', 'union', '${name}', '${i % 9 ? 'BY' : 'PL'}')`,
    )
    await asOwner(
      house.ownerUrl,
      `insert into organisations (id, created_at, updated_at, status, kind, name, country) values ${values.join()}; analyze organisations`,
    )
    await house.run(skeletonRenewal)
    const context = systemContext(house.database, house.now())
    let found = 0

    for (const [i, name] of names.entries()) {
      const disturb = disturbances[i % disturbances.length]
      const asked = disturb?.(name) ?? name
      const compared = { id: '00000000-0000-7000-8000-000000000000', country: 'BY', names: [asked] }
      const ids = (await similarOrganisations(house.database.read, context, compared)).map(({ id }) => id)
      t.same(ids, await comparedWithAll(house, asked), asked)
      found += ids.length
    }
    t.ok(found > names.length, 'most have several')
  },
)

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
