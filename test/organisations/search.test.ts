import t, { type Test } from 'tap'
import { move, openCoordination, registerUnion, verifiedUnion } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const people = await openCoordination(house, { name: 'International Coordination', languages: ['en'] })
  const { first } = people
  const mtz = await verifiedUnion(house, first, {
    kind: 'strike_committee',
    name: 'Strike committee of the tractor works',
    nameVariants: ['Minsk Tractor', 'Минский тракторный завод'],
    abbreviation: 'МТЗ',
    country: 'BY',
    industries: ['2821'],
  })
  const maz = await verifiedUnion(house, first, {
    name: 'Minsk Automobile Union',
    nameVariants: ['Минский автомобильный завод'],
    abbreviation: 'МАЗ',
    country: 'BY',
    industries: ['2910'],
  })
  const fso = await verifiedUnion(house, first, {
    kind: 'works_council',
    name: 'Rada zakładowa Żerań',
    country: 'PL',
    industries: ['2910', '2930'],
  })
  /** The names of the results, in their order. */
  const find = async (query: string, token?: string): Promise<string[]> => {
    const answer = await house.ask('GET', `/v1/organisations?${query}`, { token })
    t.equal(answer.statusCode, 200, answer.body)
    return answer.data.data.map(({ id }: { id: string }) => id)
  }
  return { house, ...house, ...people, mtz, maz, fso, find }
}

t.test(
  'a search finds an organisation by its name variants in any script, even with look-alike letters of another script',
  async (t) => {
    const { mtz, find } = await world(t)

    // The last one begins with a Latin M, as mixed keyboards produce it.
    for (const q of [
      'minsk tractor',
      'МТЗ',
      'мтз',
      'MINSK TRACTOR',
      'минский тракторный',
      'Mинский тракторный',
    ]) {
      t.equal((await find(`q=${encodeURIComponent(q)}`))[0], mtz.id, q)
    }
    t.same(await find(`q=${encodeURIComponent('МТЗ')}`), [mtz.id], 'no other organisation has that name')
  },
)

t.test('an organisation search ignores accents and case, and finds nothing else', async (t) => {
  const { fso, find } = await world(t)

  for (const q of ['zeran', 'ŻERAŃ', 'Rada zakladowa']) {
    t.same(await find(`q=${encodeURIComponent(q)}`), [fso.id], q)
  }
  for (const q of ['volkswagen', '%', "'; drop table organisations", '!!!', '\\', '_']) {
    t.same(await find(`q=${encodeURIComponent(q)}`), [], q)
  }
})

t.test('an organisation search lists the best match first', async (t) => {
  const { house, first, maz, find } = await world(t)
  const exact = await verifiedUnion(house, first, { name: 'Minsk Automobile', country: 'PL' })
  const near = await verifiedUnion(house, first, { name: 'Minsk Automobiles and Buses', country: 'PL' })

  const found = await find('q=minsk automobiles')

  t.equal(found[0], near.id)
  t.same(found.slice(1, 3).sort(), [exact.id, maz.id].sort())
})

t.test('organisations can be filtered by several countries, industries, kinds and statuses', async (t) => {
  const { icog, mtz, maz, fso, find } = await world(t)
  const same = async (query: string, expected: { id: string }[]) =>
    t.same((await find(query)).sort(), expected.map(({ id }) => id).sort(), query)

  await same('', [icog, mtz, maz, fso])
  await same('country=BY', [mtz, maz])
  await same('country=BY&country=PL', [mtz, maz, fso])
  await same('industry=2910', [maz, fso])
  await same('industry=2821&industry=2930', [mtz, fso])
  await same('kind=strike_committee&kind=works_council', [mtz, fso])
  await same('country=BY&industry=2910&kind=union&status=verified', [maz])
  await same('country=BY&industry=2930', [])
  await same('q=завод&country=BY&industry=2910', [maz])
  await same('status=dissolved', [])
})

t.test('the list of organisations contains exactly what the caller can read one by one', async (t) => {
  const { house, first, mtz, find, operatorToken } = await world(t)
  const young = await registerUnion(house, { name: 'Young miners', country: 'ZA' })
  const rejected = await registerUnion(house, { name: 'Rejected miners', country: 'ZA' })
  await move(house, rejected.url, first.token, 'reject')
  const suspended = await verifiedUnion(house, first, { name: 'Suspended miners', country: 'ZA' })
  for (const token of [first.token, operatorToken]) await move(house, suspended.url, token, 'suspend')

  for (const query of ['country=ZA', 'q=miners']) {
    t.same(await find(query), [], 'the public')
    t.same(await find(query, mtz.token), [young.id], 'the network')
    t.same(await find(query, young.token), [young.id], 'themselves')
    t.same(await find(query, rejected.token), [rejected.id])
    for (const token of [first.token, operatorToken]) {
      t.same((await find(query, token)).sort(), [young.id, rejected.id, suspended.id].sort())
    }
    t.same(await find(`${query}&status=suspended`, mtz.token), [])
    t.same(await find(`${query}&status=rejected&status=suspended`, rejected.token), [rejected.id])
  }
})

t.test('pages of organisations contain each one exactly once, even while others register', async (t) => {
  const { house, first, find } = await world(t)
  const expected: string[] = []
  for (let n = 0; n < 23; n++) {
    // Several in the same millisecond, so that the id decides the order.
    if (n % 4 === 0) house.travelTo(new Date(house.now().getTime() + 1000).toISOString())
    expected.push((await verifiedUnion(house, first, { name: `Miners ${n % 3}`, country: 'ZA' })).id)
  }

  for (const query of ['country=ZA', 'country=ZA&q=miners']) {
    const found: string[] = []
    let pages = 0
    for (let cursor: string | null = ''; cursor !== null; pages++) {
      const url: string = `/v1/organisations?${query}&limit=4${cursor && `&cursor=${cursor}`}`
      const { data } = await house.ask('GET', url)
      found.push(...data.data.map(({ id }: { id: string }) => id))
      cursor = data.nextCursor
      if (pages < 3) {
        house.travelTo(new Date(house.now().getTime() + 1000).toISOString())
        await verifiedUnion(house, first, { name: 'Bakers', country: 'ZA' })
      }
    }
    const before = found.filter((id) => expected.includes(id))
    t.equal(new Set(found).size, found.length, 'nothing twice')
    t.same(before.toSorted(), expected.toSorted(), 'none is missing')
    t.ok(pages > 5)
  }
  const newestFirst = (await find('country=ZA&limit=100')).filter((id) => expected.includes(id))
  t.same(newestFirst, expected.toReversed())
})
