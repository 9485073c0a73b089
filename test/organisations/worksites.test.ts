import t from 'tap'
import {
  absentId,
  ledgerOf,
  openCoordination,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
} from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

const tractors = { employer: 'Minsk Tractor Works', place: 'Minsk', country: 'BY', industry: '2821' }

async function world(t: Parameters<typeof openHouse>[0]) {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await verifiedUnion(house, first)
  const worksites = `${union.url}/worksites`
  const created = await house.ask('POST', worksites, { token: union.token, body: tractors })
  return { house, ...house, first, union, worksites, created }
}

t.test('a secretary adds a worksite, which anyone can read', async (t) => {
  const { house, ask, union, worksites, created } = await world(t)

  t.equal(created.statusCode, 201, created.body)
  t.equal(created.headers.location, created.data.url)
  t.match(created.data, { ...tractors, version: 1, organisation: { id: union.id, name: union.name } })
  const read = await ask('GET', created.data.url)
  t.same(read.data, created.data)
  t.equal(read.headers.etag, created.headers.etag)
  t.same((await ask('GET', worksites)).data, { data: [created.data], nextCursor: null })
  t.match(await ledgerOf(house, created.data.id), [{ type: 'worksite.created', mandate_id: union.mandateId }])
})

t.test('a worksite is changed only from its current version, and is removed once', async (t) => {
  const { house, ask, askFresh, union, created } = await world(t)
  const { url, id } = created.data
  const stale = { token: union.token, headers: { 'if-match': String(created.headers.etag) } }

  const changed = await askFresh('PATCH', url, { token: union.token, body: { place: 'Minsk, Partyzanski' } })
  const again = await ask('PATCH', url, { ...stale, body: { place: 'Brest' } })
  const unnamed = await ask('PATCH', url, { token: union.token, body: { place: 'Brest' } })
  const removedStale = await ask('DELETE', url, stale)
  const removed = await askFresh('DELETE', url, { token: union.token })
  const removedAgain = await ask('DELETE', url, { token: union.token, headers: { 'if-match': '*' } })

  t.match(changed.data, { ...tractors, place: 'Minsk, Partyzanski', version: 2 })
  t.match([again.statusCode, again.data.code], [412, 'stale_version'])
  t.match([unnamed.statusCode, unnamed.data.code], [428, 'version_required'])
  t.equal(removedStale.statusCode, 412)
  t.match([removed.statusCode, removed.body], [204, ''])
  t.match([removedAgain.statusCode, removedAgain.data.code], [404, 'worksite_not_found'])
  const told = await ledgerOf(house, id)
  t.same(
    told.map(({ type }) => type),
    ['worksite.created', 'worksite.changed', 'worksite.removed'],
  )
  t.same(told[1]?.details, { fields: ['place'] })
})

t.test('only an administrator of the organisation can add, change or remove its worksites', async (t) => {
  const { house, ask, union, worksites, created } = await world(t)
  const delegate = await seat(house, union, { office: 'delegate' })
  const foreign = await registerUnion(house, { name: 'Another' })
  const any = { 'if-match': '*' }

  for (const [token, status] of [
    [undefined, 401],
    [delegate.token, 403],
    [foreign.token, 403],
    [house.operatorToken, 403],
  ] as const) {
    t.equal((await ask('POST', worksites, { token, body: tractors })).statusCode, status)
    t.equal((await ask('PATCH', created.data.url, { token, body: {}, headers: any })).statusCode, status)
    t.equal((await ask('DELETE', created.data.url, { token, headers: any })).statusCode, status)
  }
  t.equal((await ask('GET', created.data.url)).data.version, 1)
})

t.test('the worksites of an organisation that the caller cannot read answer like missing ones', async (t) => {
  const { ask, house, created } = await world(t)
  const hidden = await registerUnion(house, { name: 'Hidden' })
  const worksite = await ask('POST', `${hidden.url}/worksites`, { token: hidden.token, body: tractors })

  const stranger = await ask('GET', worksite.data.url)
  const missing = await ask('GET', `/v1/organisations/${absentId}/worksites/${worksite.data.id}`)
  const list = await ask('GET', `${hidden.url}/worksites`)
  const elsewhere = await ask('GET', `${created.data.organisation.url}/worksites/${worksite.data.id}`)
  const nowhere = await ask('GET', `${created.data.organisation.url}/worksites/${absentId}`)

  t.match([stranger.statusCode, stranger.data.code], [404, 'organisation_not_found'])
  t.same(plainly(stranger), plainly(missing))
  t.same(plainly(list), plainly(missing))
  t.match(
    [elsewhere.statusCode, elsewhere.data.code],
    [404, 'worksite_not_found'],
    'under the wrong organisation',
  )
  t.same(plainly(elsewhere), plainly(nowhere))
})

t.test('an invalid worksite is refused with every invalid field', async (t) => {
  const { ask, union, worksites } = await world(t)

  const wrong = await ask('POST', worksites, {
    token: union.token,
    body: { employer: ' ', place: 'Minsk\u0000', country: 'XX', industry: '9999', boss: 'Ivan' },
  })

  t.equal(wrong.statusCode, 422)
  t.same(
    wrong.data.errors.map((fault: { pointer: string; code: string }) => [fault.pointer, fault.code]).sort(),
    [
      ['/boss', 'unknown_field'],
      ['/country', 'unknown_country'],
      ['/employer', 'blank'],
      ['/industry', 'unknown_industry'],
      ['/place', 'forbidden_character'],
    ],
  )
  t.notMatch(wrong.body, /Ivan/)
})

t.test('pages of a list of worksites contain each worksite once', async (t) => {
  const { ask, union, worksites, created } = await world(t)
  const ids = [created.data.id]
  for (let count = 0; count < 4; count++) {
    ids.push((await ask('POST', worksites, { token: union.token, body: tractors })).data.id)
  }

  const found: string[] = []
  for (let next: string | null = `${worksites}?limit=2`; next !== null;) {
    const page = await ask('GET', next)
    found.push(...page.data.data.map(({ id }: { id: string }) => id))
    next =
      page.data.nextCursor === null
        ? null
        : (/<(.*)>; rel="next"/.exec(String(page.headers.link))?.[1] ?? null)
  }

  t.same(found, ids.toReversed())
})
