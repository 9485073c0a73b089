import t, { type Test } from 'tap'
import { openCoordination } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'
import { searchedNames } from './searched-names.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const { first } = await openCoordination(house, { name: 'ICOG' })
  const { token } = first
  const makeKnown = async (name: string, more: object = {}): Promise<string> => {
    const body = { kind: 'union', name, country: 'BY', ...more }
    const made = await house.ask('POST', '/v1/addressees', { token, body })
    t.equal(made.statusCode, 201, made.body)
    t.equal(made.data['name'], name, 'the name is returned code point by code point')
    return made.data['id'] as string
  }
  const find = async (q: string): Promise<string[]> => {
    const found = await house.ask('GET', `/v1/organisations?limit=100&q=${encodeURIComponent(q)}`, { token })
    t.equal(found.statusCode, 200, found.body)
    return found.data['data'].map(({ id }: { id: string }) => id)
  }
  return { house, makeKnown, find }
}

t.test(
  'a search finds an organisation by parts and other forms of its name in every script, and by nothing else',
  async (t) => {
    const { makeKnown, find } = await world(t)
    const ids = new Map<string, string>()
    for (const { name } of searchedNames) ids.set(name, await makeKnown(name))

    const pairs = searchedNames.flatMap(({ found }) => found)
    t.ok(pairs.length >= 40)
    t.ok(new Set(searchedNames.map(({ script }) => script)).size >= 12)
    for (const { name, found, missed } of searchedNames) {
      for (const q of found) t.ok((await find(q)).includes(ids.get(name) as string), `${q} finds ${name}`)
      for (const q of missed)
        t.notOk((await find(q)).includes(ids.get(name) as string), `${q} does not find ${name}`)
    }
  },
)

t.test('a search must find all its words in the name, the variants and the abbreviation', async (t) => {
  const { makeKnown, find } = await world(t)
  const toulouse = await makeKnown('Union de Toulouse', { abbreviation: 'CGT' })
  const marseille = await makeKnown('Union de Marseille', { nameVariants: ['CGT 13'] })
  await makeKnown('Force ouvrière de Toulouse')

  t.same(await find('CGT Toulouse'), [toulouse])
  t.same(await find('marseille cgt'), [marseille])
  t.same((await find('CGT')).sort(), [toulouse, marseille].sort())
  t.same(await find('CGT Lille'), [])
})
