import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openLimits } from '../../../src/platform/http/limits.ts'
import { registerUnion, seat } from '../../fixtures/unions.ts'
import { openHouse, type House } from '../../harness.ts'

/** Sends requests from an address, as a connection from there would. */
async function askFrom(house: House, remoteAddress: string, headers: Record<string, string> = {}) {
  const answer = await house.app.inject({ method: 'GET', url: '/v1/organisations', remoteAddress, headers })
  return answer.statusCode
}

/** Asks on one kept connection of a real socket, from the address of this machine. */
async function onOneConnection(t: Test, house: House) {
  if (!house.app.server.listening) await house.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = house.app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  return async (headers: Record<string, string> = {}) => {
    const asking = request({
      agent,
      host: '127.0.0.1',
      port,
      path: '/v1/organisations?limit=1',
      headers,
    }).end()
    const [answer] = (await once(asking, 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
    return answer.statusCode ?? 0
  }
}

const noQuotas = {
  anonymous: Infinity,
  token: Infinity,
  organisation: Infinity,
  badTokens: Infinity,
  scarce: Infinity,
  registrations: Infinity,
  networkRegistrations: Infinity,
}

/** A reply whose headers nobody reads. */
const silent = { header: () => silent, getHeader: () => undefined } as never

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

t.test('a caller over the quota gets 429 with Retry-After and may continue after that time', async (t) => {
  const house = await openHouse(t, { settings: { ANONYMOUS_REQUESTS_PER_MINUTE: '2' } })
  const ask = () => house.ask('GET', '/v1/organisations')

  const [first, second, third] = [await ask(), await ask(), await ask()]
  house.travelTo(new Date(house.now().getTime() + 20_000).toISOString())
  const later = await ask()
  house.travelTo(new Date(house.now().getTime() + 40_000).toISOString())
  const fresh = await ask()

  t.match(first.headers, { 'ratelimit-policy': '"anonymous";q=2;w=60', ratelimit: '"anonymous";r=1;t=60' })
  t.match([second.statusCode, second.headers['ratelimit']], [200, '"anonymous";r=0;t=60'])
  t.match([third.statusCode, third.data.code, third.headers['retry-after']], [429, 'too_many_requests', '60'])
  t.match([later.statusCode, later.headers['retry-after'], fresh.statusCode], [429, '40', 200])
})

t.test('requests to unknown addresses and with wrong methods count against the quota', async (t) => {
  const house = await openHouse(t, { settings: { ANONYMOUS_REQUESTS_PER_MINUTE: '2' } })

  const answers = [
    await house.ask('GET', '/v1/nothing'),
    await house.ask('DELETE', '/v1/organisations'),
    await house.ask('GET', '/v1/nothing'),
  ]

  t.same(
    answers.map(({ statusCode, headers }) => [statusCode, headers['ratelimit']]),
    [
      [404, '"anonymous";r=1;t=60'],
      [405, '"anonymous";r=0;t=60'],
      [429, '"anonymous";r=0;t=60'],
    ],
  )
})

t.test('each IPv4 address and each IPv6 /64 has its own quota', async (t) => {
  const house = await openHouse(t, { settings: { ANONYMOUS_REQUESTS_PER_MINUTE: '1' } })

  const statuses = []
  for (const address of [
    '192.0.2.1',
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '192.0.2.2',
    '2001:db8:0:1::1',
    '2001:db8:0:1:ffff::2',
    '2001:db8:0:2::1',
  ])
    statuses.push(await askFrom(house, address))

  t.same(statuses, [200, 429, 429, 200, 200, 429, 200])
})

t.test('a forwarded address counts only if it comes from a configured proxy', async (t) => {
  const settings = { ANONYMOUS_REQUESTS_PER_MINUTE: '1' }
  const direct = await openHouse(t, { settings })
  const proxied = await openHouse(t, { settings: { ...settings, TRUSTED_PROXIES: '10.0.0.0/8' } })
  const asked = async (house: House) => [
    await askFrom(house, '10.0.0.1', { 'x-forwarded-for': '192.0.2.1' }),
    await askFrom(house, '10.0.0.1', { 'x-forwarded-for': '192.0.2.2' }),
  ]

  t.same(await asked(direct), [200, 429])
  t.same(await asked(proxied), [200, 200])
})

t.test('addresses that a proxy forwards on one connection are counted apart', async (t) => {
  const settings = { ANONYMOUS_REQUESTS_PER_MINUTE: '2', TRUSTED_PROXIES: '127.0.0.0/8' }
  const house = await openHouse(t, { settings })
  const ask = await onOneConnection(t, house)

  const statuses: number[] = []
  for (const forwarded of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.1', '192.0.2.2', undefined])
    statuses.push(await ask(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }))

  t.same(statuses, [200, 200, 200, 429, 200, 200])
})

t.test('a quota of an address holds on one connection, and for all connections from there', async (t) => {
  const house = await openHouse(t, { settings: { ANONYMOUS_REQUESTS_PER_MINUTE: '3' } })
  const [ask, askElsewhere] = [await onOneConnection(t, house), await onOneConnection(t, house)]

  t.same(
    [await ask(), await ask(), await askElsewhere(), await ask(), await askElsewhere()],
    [200, 200, 200, 429, 429],
  )
})

t.test(
  'at midnight UTC an address gets another name in the counts, also on an open connection',
  async (t) => {
    let now = new Date('2026-11-29T23:59:59Z')
    const limits = openLimits({ ...noQuotas, anonymous: 1 }, () => now)
    const socket = { remoteAddress: '192.0.2.1' }
    const charge = () =>
      void limits.charge({ ip: '192.0.2.1', socket, routeOptions: { config: {} } } as never, silent, {
        kind: 'anonymous',
      })

    charge()
    t.throws(charge, 'the minute is not over')
    now = new Date('2026-11-30T00:00:00Z')

    t.doesNotThrow(charge, 'though the minute is still not over')
    t.throws(charge)
  },
)

t.test(
  'each token has its own quota from every address, and all tokens of an organisation share one',
  async (t) => {
    const settings = { TOKEN_REQUESTS_PER_MINUTE: '3', ORGANISATION_REQUESTS_PER_MINUTE: '5' }
    const house = await openHouse(t, { settings })
    const union = await registerUnion(house)
    const body = { label: 'bridge', scopes: ['organisations:read'], organisationId: union.id }
    const client = (await house.ask('POST', '/v1/tokens', { token: union.token, body })).data[
      'secret'
    ] as string

    const own = [
      await askFrom(house, '192.0.2.1', bearer(union.token)),
      await askFrom(house, '192.0.2.2', bearer(union.token)),
    ]
    const spent = await askFrom(house, '192.0.2.3', bearer(union.token))
    const others = [
      await askFrom(house, '192.0.2.1', bearer(client)),
      await askFrom(house, '192.0.2.1', bearer(client)),
    ]
    const anonymous = await house.ask('GET', '/v1/organisations')

    t.same([own, spent], [[200, 200], 429])
    t.same(others, [200, 429], 'of six requests for the union the sixth is too many')
    t.equal(anonymous.statusCode, 200)
  },
)

t.test('too many unknown tokens from an address get 429, and valid tokens from there do not', async (t) => {
  const house = await openHouse(t, { settings: { BAD_TOKENS_PER_MINUTE: '2' } })
  const union = await registerUnion(house)
  const unknown = bearer(`spt_${'x'.repeat(43)}`)

  const statuses = []
  for (let i = 0; i < 4; i++) statuses.push(await askFrom(house, '192.0.2.1', unknown))

  t.same(statuses, [401, 401, 429, 429])
  const refused = await house.app.inject({
    url: '/v1/me',
    remoteAddress: '192.0.2.3',
    headers: unknown,
  })
  t.match(refused.headers, {
    'ratelimit-policy': '"badTokens";q=2;w=60',
    ratelimit: '"badTokens";r=1;t=60',
  })
  t.equal(await askFrom(house, '192.0.2.1', bearer(union.token)), 200)
  t.equal(await askFrom(house, '192.0.2.2', unknown), 401)
})

t.test(
  'registrations are counted by address, with or without a token, and reading is not affected',
  async (t) => {
    const house = await openHouse(t, { settings: { REGISTRATIONS_PER_DAY: '2' } })
    const register = (name: string, token?: string) =>
      house.ask('POST', '/v1/organisations', {
        token,
        body: { kind: 'union', name, country: 'BY', secretary: { displayName: 'Vesna' } },
      })

    const answers = [await register('First'), await register('Second')]
    answers.push(await register('Third', answers[0]?.data.token.secret))

    t.same(
      answers.map(({ statusCode }) => statusCode),
      [201, 201, 429],
    )
    t.equal(answers[2]?.headers['retry-after'], '86400')
    t.equal((await house.ask('GET', '/v1/organisations')).statusCode, 200)
  },
)

t.test('all tokens of one person share one quota', async (t) => {
  const house = await openHouse(t, { settings: { TOKEN_REQUESTS_PER_MINUTE: '3' } })
  const union = await registerUnion(house)
  const mint = { token: union.token, body: { label: 'laptop', scopes: ['organisations:read'] } }
  const second = (await house.ask('POST', '/v1/tokens', mint)).data['secret'] as string

  const statuses = []
  for (const token of [union.token, second, second, union.token])
    statuses.push(await askFrom(house, '192.0.2.1', bearer(token)))

  t.same(statuses, [200, 200, 429, 429])
})

t.test(
  'urgent operations do not use the quota of the organisation, so colleagues cannot block them',
  async (t) => {
    const house = await openHouse(t, { settings: { ORGANISATION_REQUESTS_PER_MINUTE: '12' } })
    const union = await registerUnion(house)
    const observer = await seat(house, union, { office: 'observer' })
    const { token } = union
    const client = { label: 'bridge', scopes: ['organisations:read'], organisationId: union.id }
    const bridge = (await house.ask('POST', '/v1/tokens', { token, body: client })).data['id'] as string
    while ((await askFrom(house, '192.0.2.1', bearer(observer.token))) === 200);
    t.equal((await house.ask('GET', union.url, { token })).statusCode, 429)

    const urgent = [
      await house.ask('GET', '/v1/me', { token }),
      await house.ask('GET', '/v1/tokens', { token }),
      await house.ask('DELETE', `/v1/tokens/${bridge}`, { token }),
      await house.ask('PUT', `${union.url}/seal`, { token }),
    ]

    t.same(
      urgent.map(({ statusCode }) => statusCode),
      [200, 200, 204, 200],
    )
  },
)

t.test(
  'too many unknown enrolment secrets from an address get 429, and a valid one still works',
  async (t) => {
    const house = await openHouse(t, { settings: { BAD_TOKENS_PER_MINUTE: '2' } })
    const union = await registerUnion(house)
    const link = await house.ask('POST', `/v1/delegates/${union.delegateId}/enrolment-links`, {
      token: union.token,
      body: {},
    })
    const enrolling = (secret: string) =>
      house.ask('POST', '/v1/enrolments', { body: { secret, label: 'phone' } })
    const enrol = async (secret: string) => (await enrolling(secret)).statusCode
    const invented = `spe_${'x'.repeat(43)}`

    t.same(
      [await enrol(invented), await enrol(invented), await enrol(invented), await enrol(link.data['secret'])],
      [410, 410, 429, 201],
    )
    t.match(
      (await enrolling(invented)).headers['ratelimit'],
      /^"anonymous";r=\d+;t=60, "badTokens";r=0;t=60$/,
    )
  },
)

t.test('counts of many addresses use bounded memory, and the oldest are dropped first', async (t) => {
  const limits = openLimits({ ...noQuotas, anonymous: 1, token: 1 }, () => new Date(0))
  const from = (ip: string) => ({ ip, socket: { remoteAddress: ip }, routeOptions: { config: {} } }) as never
  const ask = (ip: string) => void limits.charge(from(ip), silent, { kind: 'anonymous' })

  ask('192.0.2.1')
  t.throws(() => ask('192.0.2.1'), 'the second of one is too many')
  for (let i = 0; i < 100_000; i++) ask(`2001:db8:${(i >> 12).toString(16)}:${(i & 4095).toString(16)}::1`)
  t.doesNotThrow(() => ask('192.0.2.1'))

  const withToken = () =>
    void limits.charge(from('192.0.2.1'), silent, {
      kind: 'operator',
      tokenId: 'the-operator',
      sealedOrganisations: new Set<string>(),
    })
  withToken()
  for (let i = 0; i < 100_001; i++) ask(`2001:db9:${(i >> 12).toString(16)}:${(i & 4095).toString(16)}::1`)
  t.throws(withToken, 'a flood of addresses makes no token forgotten')
})
