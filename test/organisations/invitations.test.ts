/** Invitations of coordinations, which are exempt from the limits on registrations. */
import t from 'tap'
import { organisationJobs } from '../../src/organisations/jobs.ts'
import { invite, registerFrom, registration } from '../fixtures/invitations.ts'
import {
  absentId,
  ledgerOf,
  move,
  openCoordination,
  plainly,
  registerUnion,
  seat,
} from '../fixtures/unions.ts'
import { done, instantAfter } from '../fixtures/world.ts'
import { openHouse, type House } from '../harness.ts'

const register = (house: House, invitation: string, name = 'Invited union') =>
  house.ask('POST', '/v1/organisations', { body: registration(name, { invitation }) })

const gone = { status: 410, code: 'invitation_gone' }

t.test('an invitation secret is shown once, and the ledger records each use', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)

  const created = await invite(house, first, icog, { usesMax: 2, days: 3 })

  t.match(created, {
    status: 'live',
    usesMax: 2,
    uses: 0,
    expiresAt: instantAfter(house, 3),
    organisation: { id: icog.id },
    invitationUrl: `http://pact.test/invitation#${created.secret}`,
  })
  const union = done(await register(house, created.secret)).data['organisation']
  const read = done(await house.ask('GET', created.url, { token: first.token })).data
  t.match(read, { status: 'live', uses: 1 })
  t.notOk('secret' in read)
  const listed = done(await house.ask('GET', '/v1/invitations', { token: icog.token })).data
  t.match(listed, { data: [{ id: created.id }] })
  t.match(await ledgerOf(house, created.id), [
    { type: 'invitation.created', actor_id: first.delegateId, mandate_id: first.mandateId },
    { type: 'invitation.used', actor_kind: 'anonymous', details: { registeredId: union.id } },
  ])
  const page = await house.app.inject({ url: '/invitation' })
  t.match(page, { statusCode: 200, headers: { 'content-security-policy': /default-src 'none'/ } })
})

t.test('the page of an invitation opens even when a messenger has changed its address', async (t) => {
  const house = await openHouse(t)
  const secret = `spi_${'Ab3'.repeat(14)}x`
  const page = (await house.app.inject('/invitation')).body

  for (const url of [
    `/invitation%23${secret}`,
    `/invitation%2523${secret}.`,
    '/invitation/',
    '/invitation?fbclid=IwAR0abc',
    `/invitation?${secret}`,
    `/invitation${secret}`,
    `//Invitation%E2%80%8E%23${secret}`,
  ]) {
    const answer = await house.app.inject(url)
    t.same([answer.statusCode, answer.body], [200, page], url)
  }
  t.equal((await house.app.inject('/invitations')).statusCode, 404)
})

t.test(
  'concurrent registrations with one invitation succeed only as often as the invitation has uses',
  async (t) => {
    const house = await openHouse(t)
    const { icog, first } = await openCoordination(house)
    const { secret, url } = await invite(house, first, icog, { usesMax: 5 })

    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => register(house, secret, `Union ${i}`)),
    )

    const statuses = answers.map(({ statusCode }) => statusCode).sort()
    t.same(statuses, [...Array<number>(5).fill(201), ...Array<number>(7).fill(410)])
    const refused = answers.find(({ statusCode }) => statusCode === 410)
    t.match(refused?.data, gone)
    const { data } = await house.ask('GET', url, { token: first.token })
    t.match(data, { status: 'used_up', uses: 5 })
    const { rows } = await house.database.read.$client.query(
      `select count(*)::int as n from organisations where invited_by_id = '${icog.id}'`,
    )
    t.same(rows, [{ n: 5 }], 'refused registrations left no rows')
  },
)

t.test('a repeated registration with the same Idempotency-Key uses the invitation once', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const { secret, url } = await invite(house, first, icog)
  const asking = {
    body: registration('Invited union', { invitation: secret }),
    headers: { 'idempotency-key': '6f1c2a5e-9d0b-4e38-8a41-2f7d9c3b1e50' },
  }

  const answers = [
    await house.ask('POST', '/v1/organisations', asking),
    await house.ask('POST', '/v1/organisations', asking),
  ]

  t.same(
    answers.map(({ statusCode }) => statusCode),
    [201, 201],
  )
  t.equal(answers[0]?.body, answers[1]?.body)
  t.match((await house.ask('GET', url, { token: first.token })).data, { uses: 1 })
})

/** Each event that makes a valid invitation invalid. */
type Ending = (house: House, coordination: Coordination, url: string) => Promise<unknown>
type Coordination = Awaited<ReturnType<typeof openCoordination>>

const endings: Readonly<Record<string, Ending>> = {
  'it was revoked by the coordinator': (house, { first }, url) =>
    house.ask('DELETE', url, { token: first.token }),
  'it was revoked by the secretary of the coordination': (house, { icog }, url) =>
    house.ask('DELETE', url, { token: icog.token }),
  'it has expired': async (house) => house.travelTo(instantAfter(house, 30)),
  'the mandate of the coordinator was recalled': (house, { icog, first }) =>
    move(house, `/v1/mandates/${first.mandateId}`, icog.token, 'recall'),
  'the token that created it was revoked': async (house, { first }) => {
    const tokens = done(await house.ask('GET', '/v1/tokens', { token: first.token })).data['data']
    await house.ask('DELETE', `/v1/tokens/${tokens[0].id}`, { token: first.token })
  },
  'the coordination was sealed': (house, { icog }) =>
    house.ask('PUT', `${icog.url}/seal`, { token: icog.token }),
  'another organisation of the coordinator was sealed': async (house, { first }) => {
    const union = await registerUnion(house)
    await house.database.read.$client.query(
      `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       values (gen_random_uuid(), $1::timestamptz, $1, 'active', $2, $3, 'delegate', '{}', $1::timestamptz)`,
      [house.now().toISOString(), first.delegateId, union.id],
    )
    done(await house.ask('PUT', `${union.url}/seal`, { token: union.token }))
  },
  'the coordination was suspended': async (house, { icog }) => {
    const { first } = await openCoordination(house, { name: 'Second coordination' })
    await move(house, icog.url, first.token, 'suspend')
    await move(house, icog.url, house.operatorToken, 'suspend')
  },
}

for (const [name, end] of Object.entries(endings)) {
  t.test(`nobody registers with an invitation when ${name}`, async (t) => {
    const house = await openHouse(t)
    const coordination = await openCoordination(house)
    const { icog, first } = coordination
    const { secret, url } = await invite(house, first, icog, { usesMax: 3 })
    done(await register(house, secret, 'Union before'))

    await end(house, coordination, url)

    const answer = await register(house, secret, 'Union after')
    t.match(answer.data, gone)
    t.notMatch(answer.body, secret)
  })
}

t.test('an invitation is invalid after its creator’s mandate, even before a job has run', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const endsOn = instantAfter(house, 2).slice(0, 10)
  const { secret } = await invite(house, await seat(house, icog, { office: 'coordinator', endsOn }), icog)

  house.travelTo(instantAfter(house, 3))

  t.match((await register(house, secret)).data, gone)
})

t.test('revoking an invitation twice gives the same answer and one ledger entry', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const { id, url } = await invite(house, first, icog)

  for (let i = 0; i < 2; i++)
    t.equal((await house.ask('DELETE', url, { token: first.token })).statusCode, 204)

  t.same(
    (await ledgerOf(house, id)).map(({ type }) => type),
    ['invitation.created', 'invitation.revoked'],
  )
  t.match((await house.ask('GET', url, { token: first.token })).data, { status: 'revoked' })
})

t.test('only coordinators can invite, and invitations are hidden from everybody else', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const other = await openCoordination(house, { name: 'Second coordination' })
  const union = await registerUnion(house)
  const waiting = await registerUnion(house, { kind: 'coordination', name: 'Third coordination' })
  const early = await seat(house, waiting, { office: 'coordinator' })
  const visitor = await seat(house, icog, { office: 'delegate' })
  const { id, url } = await invite(house, first, icog)
  const asked = (token: string, organisationId: string) =>
    house.ask('POST', '/v1/invitations', { token, body: { organisationId } })

  for (const [token, organisationId] of [
    [union.token, union.id],
    [union.token, icog.id],
    [union.token, absentId],
    [early.token, waiting.id],
    [icog.token, icog.id],
    [other.first.token, icog.id],
    [visitor.token, icog.id],
  ] as const)
    t.equal((await asked(token, organisationId)).statusCode, 403)
  for (const token of [union.token, other.first.token, visitor.token]) {
    const missing = await house.ask('GET', `/v1/invitations/${absentId}`, { token })
    const foreign = await house.ask('GET', url, { token })
    t.equal(foreign.statusCode, 404)
    t.same(plainly(foreign), plainly(missing))
    t.equal((await house.ask('DELETE', url, { token })).statusCode, 404)
    t.same((await house.ask('GET', '/v1/invitations', { token })).data['data'], [])
  }
  t.match((await house.ask('GET', url, { token: first.token })).data, { id, status: 'live' })
})

t.test('unknown invitation secrets are limited like wrong tokens, and a valid one still works', async (t) => {
  const house = await openHouse(t, { settings: { BAD_TOKENS_PER_MINUTE: '2' } })
  const { icog, first } = await openCoordination(house)
  const { secret } = await invite(house, first, icog)
  const unknown = `spi_${'x'.repeat(43)}`

  const statuses = []
  for (const one of [unknown, unknown, unknown, secret])
    statuses.push((await register(house, one)).statusCode)

  t.same(statuses, [410, 410, 429, 201])
  t.match((await register(house, 'spl_of another kind')).data, {
    status: 422,
    errors: [{ pointer: '/invitation', detail: 'must be the secret of an invitation' }],
  })
})

t.test(
  'registrations without an invitation use up the limit of their address and network, but not that of invited ones',
  async (t) => {
    const settings = { REGISTRATIONS_PER_DAY: '2', NETWORK_REGISTRATIONS_PER_DAY: '3' }
    const house = await openHouse(t, { settings })
    const { icog, first } = await openCoordination(house)
    const { secret } = await invite(house, first, icog)
    const from = async (address: string, change: object = {}) =>
      registerFrom(house, address, registration(`Union of ${address}`, change))
    const statusOf = async (address: string) => (await from(address)).statusCode

    t.same([await statusOf('203.0.113.1'), await statusOf('203.0.113.1')], [201, 201])
    const ofAddress = await from('203.0.113.1')
    t.match(ofAddress.data, {
      status: 429,
      code: 'too_many_requests',
      detail: /ask a coordinator for an invitation/i,
    })
    t.equal(ofAddress.headers['retry-after'], '86400')
    t.equal(
      await statusOf('203.0.113.77'),
      429,
      'three of the network were counted, including the refused one',
    )
    t.equal(await statusOf('203.0.114.1'), 201, 'another network')
    for (const address of ['2001:db8:1:1::1', '2001:db8:1:2::1', '2001:db8:1:3::1'])
      t.equal(await statusOf(address), 201)
    t.equal(await statusOf('2001:db8:1:4::1'), 429, 'of one /48')
    t.equal(await statusOf('2001:db8:2:1::1'), 201)

    t.equal((await from('203.0.113.1', { invitation: secret })).statusCode, 201)
    const malformed = await registerFrom(house, '198.51.100.1', { kind: 'union' })
    t.equal(malformed.statusCode, 422)
    t.equal(
      malformed.headers['ratelimit'],
      '"anonymous";r=999999;t=60',
      'a faulty request is no registration',
    )
  },
)

t.test('a registration can be repeated after a lost response despite the daily limit', async (t) => {
  const house = await openHouse(t, { settings: { REGISTRATIONS_PER_DAY: '1' } })
  const ask = (key: string) =>
    house.ask('POST', '/v1/organisations', {
      body: registration('Union of dockers'),
      headers: { 'idempotency-key': key },
    })
  const first = await ask('5e0c5e0c-6a1e-4f5a-9d8e-2f6f0c2a7b01')

  const repeated = await ask('5e0c5e0c-6a1e-4f5a-9d8e-2f6f0c2a7b01')
  const another = await ask('5e0c5e0c-6a1e-4f5a-9d8e-2f6f0c2a7b02')

  t.same([first.statusCode, repeated.statusCode, another.statusCode], [201, 201, 429])
  t.equal(repeated.headers['idempotency-replayed'], 'true')
  t.equal(repeated.data.token.secret, first.data.token.secret)
})

t.test('an invitation is deleted 30 days after it expired', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  await invite(house, first, icog)
  const kept = async () => (await house.database.read.$client.query('select from invitations')).rowCount
  const forgetting = organisationJobs.find(({ name }) => name === 'invitations.forget_dead')

  for (const [days, count] of [
    [60, 1],
    [1, 0],
  ] as const) {
    house.travelTo(instantAfter(house, days))
    if (forgetting) await house.run(forgetting)
    t.equal(await kept(), count)
  }
})
