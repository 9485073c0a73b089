import t, { type Test } from 'tap'
import { startLimit } from '../../bench/limit.ts'
import { differenceOf, wholeAnswer } from '../../bench/same-bytes.ts'
import type { Request } from '../../bench/work.ts'
import { inNovember, visitWorld } from '../fixtures/visits.ts'

const inSeptember = { startsAt: '2020-09-07T09:00', endsAt: '2020-09-08T17:00' }
const range = 'from=2020-08-01T00:00:00Z&to=2020-12-01T00:00:00Z'

const get = (path: string, token?: string): Request => ({
  method: 'GET',
  path,
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
})

async function bothServers(t: Test) {
  const world = await visitWorld(t)
  const origin = await world.house.app.listen({ host: '127.0.0.1', port: 0 })
  const limit = await startLimit(world.house.ownerUrl, 0)
  t.teardown(() => limit.close())
  const ask = async (request: Request) =>
    [
      await wholeAnswer(Number(new URL(origin).port), request),
      await wholeAnswer(limit.port, request),
    ] as const
  return { ...world, ask }
}

t.test('the limit of the benchmark answers with the bytes and headers of the service', async (t) => {
  const { ask, house, host, visitor, stranger, propose, accept, pactId } = await bothServers(t)
  await accept((await propose({ windows: [inSeptember] })).data as Parameters<typeof accept>[0])
  await propose({ windows: [inNovember] })
  await propose({ hostId: visitor.id, visitorId: host.id, windows: [inNovember] })
  const { etag } = (await house.ask('GET', `/v1/organisations/${host.id}`)).headers
  const [firstPage] = await ask(get('/v1/organisations?limit=1'))
  const { nextCursor } = JSON.parse(firstPage.body) as { nextCursor: string }

  const requests: Request[] = [
    get(`/v1/organisations/${host.id}`),
    get(`/v1/organisations/${host.id}`, stranger.token),
    { ...get(`/v1/organisations/${host.id}`), headers: { 'if-none-match': String(etag) } },
    get('/v1/organisations?country=DE&limit=50'),
    get('/v1/organisations?limit=1'),
    get(`/v1/organisations?limit=1&cursor=${nextCursor}`),
    get(`/v1/pacts/${pactId}`, host.token),
    get(`/v1/visits?organisationId=${host.id}&${range}&limit=50`, host.token),
    get(`/v1/visits?organisationId=${visitor.id}&${range}&limit=2`, visitor.token),
    registration,
  ]

  for (const request of requests) {
    const [service, limit] = await ask(request)
    t.match(String(service.status), /^(20[01]|304)$/, `${request.method} ${request.path}`)
    t.equal(differenceOf(request, service, limit), undefined)
  }
})

const registration: Request = {
  method: 'POST',
  path: '/v1/organisations',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'c39d5873-e13a-446c-9357-2fc1c3d176de' },
  body: JSON.stringify({
    kind: 'union',
    name: 'Bakers of Lyon',
    nameVariants: ['Профсоюз пекарей'],
    country: 'FR',
    languages: ['en', 'ru'],
    industries: ['2821'],
    about: 'We organise all shifts.',
    memberCount: 250,
    secretary: { displayName: 'Vesna', pseudonym: true },
  }),
}

t.test('a difference between the limit and the service is named with its place', async (t) => {
  const request = get('/v1/organisations/1')
  const service = { status: 200, headers: { etag: '"1.a"' }, body: '{"id":"1","name":"Bakers"}' }

  t.match(
    differenceOf(request, service, { ...service, body: '{"id":"1","name":"Miners"}' }),
    /at character 18/,
  )
  t.match(differenceOf(request, service, { ...service, headers: { etag: '"1.b"' } }), /the header etag is/)
  t.match(
    differenceOf(request, service, { ...service, status: 500 }),
    /the service answers 200, the limit 500/,
  )
})

t.test('only what each registration makes anew may differ between the limit and the service', async (t) => {
  const answer = (id: string, name: string) => ({
    status: 201,
    headers: { location: `/v1/organisations/${id}` },
    body: JSON.stringify({ id, name, createdAt: `2026-01-0${id[0]}T10:00:00.000Z` }),
  })
  const one = answer('1b0b1f6e-0000-4000-8000-000000000000', 'Bakers')

  t.equal(
    differenceOf(registration, one, answer('2b0b1f6e-0000-4000-8000-000000000000', 'Bakers')),
    undefined,
  )
  t.match(
    differenceOf(registration, one, answer('2b0b1f6e-0000-4000-8000-000000000000', 'Miners')),
    /bodies differ/,
  )
})
