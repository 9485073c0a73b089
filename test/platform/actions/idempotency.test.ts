import t from 'tap'
import { jobs } from '../../../src/jobs.ts'
import {
  ledgerOf,
  move,
  openCoordination,
  registerUnion,
  seat,
  verifiedUnion,
  type Union,
} from '../../fixtures/unions.ts'
import { openHouse, type Answer, type House } from '../../harness.ts'

const union = { kind: 'union', name: 'Miners', country: 'BY', secretary: { displayName: 'Vesna' } }
const key = '5f0c2c8e-6a2b-4c39-9a55-0e9f0d6f7a11'

const register = (house: House, body: object = union, idempotencyKey = key) =>
  house.ask('POST', '/v1/organisations', { body, headers: { 'idempotency-key': idempotencyKey } })

async function rowsIn(house: House, table: string): Promise<number> {
  const { rows } = await house.database.read.$client.query(`select count(*)::int as n from ${table}`)
  return (rows[0] as { n: number }).n
}

const sameAnswer = ({ statusCode, body, headers: { location, etag } }: Answer) => ({
  statusCode,
  body,
  location,
  etag,
})

t.test('a repeated registration with the same Idempotency-Key returns the same token', async (t) => {
  const house = await openHouse(t)

  const first = await register(house)
  const again = await register(house)

  t.equal(first.statusCode, 201)
  t.same(sameAnswer(again), sameAnswer(first))
  t.notOk(first.headers['idempotency-replayed'])
  t.equal(again.headers['idempotency-replayed'], 'true')
  t.not(again.headers['request-id'], first.headers['request-id'])
  t.equal(await rowsIn(house, 'organisations'), 1)
  t.equal((await ledgerOf(house, first.data.organisation.id)).length, 1)
  const me = await house.ask('GET', '/v1/me', { token: again.data.token.secret })
  t.equal(me.statusCode, 200)
})

t.test('a replayed answer has the ETag of the first one', async (t) => {
  const house = await openHouse(t)
  const { token, id } = await registerUnion(house)
  const create = () =>
    house.ask('POST', '/v1/delegates', {
      token,
      body: { organisationId: id, displayName: 'Mara' },
      headers: { 'idempotency-key': key },
    })

  const [first, again] = [await create(), await create()]

  t.match(first.headers.etag, /^"1\./)
  t.same(sameAnswer(again), sameAnswer(first))
  t.equal(again.headers['idempotency-replayed'], 'true')
})

t.test('an Idempotency-Key with another request is refused', async (t) => {
  const house = await openHouse(t)
  const { token, url } = await registerUnion(house)
  await register(house)

  const body = await register(house, { ...union, name: 'Miners of Salihorsk' })
  const reordered = await register(house, Object.fromEntries(Object.entries(union).reverse()))
  const worksite = { employer: 'Belaruskali', place: 'Salihorsk', country: 'BY', industry: '0891' }
  const asking = { token, body: worksite, headers: { 'idempotency-key': key } }
  const other = await house.ask('POST', `${url}/worksites`, asking)

  t.match([body.statusCode, body.data.code], [422, 'idempotency_key_reused'])
  t.equal(reordered.statusCode, 201, 'the order of the fields does not matter')
  t.equal(other.statusCode, 201, 'each caller has keys of their own')
  t.equal(await rowsIn(house, 'organisations'), 2)
})

t.test('concurrent requests with one Idempotency-Key have one effect', async (t) => {
  const house = await openHouse(t)

  const answers = await Promise.all(Array.from({ length: 8 }, () => register(house)))

  const created = answers.filter((answer) => answer.statusCode === 201)
  t.ok(created.length >= 1)
  t.equal(new Set(created.map((answer) => answer.body)).size, 1, 'all who got an answer got the same one')
  t.equal(created.filter((answer) => !answer.headers['idempotency-replayed']).length, 1)
  for (const answer of answers) {
    if (answer.statusCode !== 201) t.match(answer.data, { status: 409, code: 'idempotency_in_progress' })
  }
  t.equal(await rowsIn(house, 'organisations'), 1)
})

t.test('after 24 hours an Idempotency-Key can be used again', async (t) => {
  const house = await openHouse(t)
  await register(house)

  house.travelTo('2026-03-03T09:59:59.000Z')
  const justBefore = await register(house)
  house.travelTo('2026-03-03T10:00:00.000Z')
  const after = await register(house)

  t.equal(justBefore.headers['idempotency-replayed'], 'true')
  t.match([after.statusCode, after.headers['idempotency-replayed']], [201, undefined])
  t.equal(await rowsIn(house, 'organisations'), 2)
})

t.test('a job deletes expired idempotency records', async (t) => {
  const house = await openHouse(t)
  const forget = jobs.find((job) => job.name === 'idempotency.forget_answers')
  await register(house)

  await house.run(forget as NonNullable<typeof forget>)
  t.equal(await rowsIn(house, 'idempotency_keys'), 1)
  house.travelTo('2026-03-03T10:00:01.000Z')
  await house.run(forget as NonNullable<typeof forget>)
  t.equal(await rowsIn(house, 'idempotency_keys'), 0)
})

t.test('a failed request stores nothing and may be corrected with the same Idempotency-Key', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const give = (delegateId: string) =>
    house.ask('POST', `${icog.url}/mandates`, {
      token: icog.token,
      body: { delegateId, office: 'secretary' },
      headers: { 'idempotency-key': key },
    })

  const invalid = await register(house, { ...union, country: 'XX' })
  const refused = await give(icog.delegateId)

  t.equal(invalid.statusCode, 422)
  t.match([refused.statusCode, refused.data.code], [409, 'mandate_overlaps'])
  t.equal(await rowsIn(house, 'idempotency_keys'), 0)
  t.match([(await register(house)).statusCode, await rowsIn(house, 'idempotency_keys')], [201, 1])
})

t.test('a stolen table of idempotency records reveals no answer, token or key', async (t) => {
  const house = await openHouse(t)
  const { data } = await register(house)

  const { rows } = await house.database.read.$client.query('select * from idempotency_keys')
  const bytes = Buffer.concat(
    Object.values(rows[0] as Record<string, unknown>).filter((one) => Buffer.isBuffer(one)),
  )

  t.ok(bytes.length > 300, 'the answer is there')
  for (const clear of [
    data.token.secret,
    data.token.secret.slice(4),
    data.organisation.id,
    'Miners',
    'Vesna',
    key,
  ]) {
    t.equal(bytes.indexOf(clear), -1)
    t.equal(bytes.indexOf(Buffer.from(clear).toString('base64')), -1)
  }
})

t.test('a revoked token gets no replay', async (t) => {
  const house = await openHouse(t)
  const { token, id } = await registerUnion(house)
  await makeDelegate(house, token, id)
  const own = (await house.ask('GET', '/v1/tokens', { token })).data.data[0]

  await house.ask('DELETE', `/v1/tokens/${own.id}`, { token })

  t.equal((await makeDelegate(house, token, id)).statusCode, 401)
})

t.test('a recalled delegate gets no replay of earlier answers', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const second = await seat(house, union, { office: 'secretary' })
  const mint = () =>
    house.ask('POST', '/v1/tokens', {
      token: second.token,
      body: { label: 'server', organisationId: union.id, scopes: ['pacts:read'] },
      headers: { 'idempotency-key': key },
    })
  const first = await mint()

  await recall(house, second.mandateId, union.token)
  const again = await mint()

  t.equal(first.statusCode, 201)
  t.match([again.statusCode, again.data.code], [403, 'forbidden'])
  t.notMatch(again.body, first.data.secret)
  t.notOk(again.headers['idempotency-replayed'])
})

t.test('a replay accepts another mandate with the same powers', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const second = await seat(house, union, { office: 'secretary' })
  const create = () => makeDelegate(house, second.token, union.id)
  const give = (mandate: object) =>
    house.ask('POST', `${union.url}/mandates`, {
      token: union.token,
      body: { delegateId: second.delegateId, ...mandate },
    })
  const first = await create()
  await recall(house, second.mandateId, union.token)

  await give({ office: 'observer' })
  const asObserver = await create()
  await give({ office: 'secretary' })
  const asSecretary = await create()

  t.equal(asObserver.statusCode, 403)
  t.match([asSecretary.statusCode, asSecretary.body], [201, first.body])
})

t.test('a suspended organisation and its API client get no replay, and a verified one does', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const { first: second } = await openCoordination(house, { name: 'Second coordination' })
  const union = await verifiedUnion(house, first)
  const provisional = await registerUnion(house, { name: 'Miners' })
  const client = await clientOf(house, union)
  const ofUnion = [union.token, client].map((token) => () => makeDelegate(house, token, union.id))
  const ofProvisional = () => makeDelegate(house, provisional.token, provisional.id)
  for (const create of [...ofUnion, ofProvisional]) t.equal((await create()).statusCode, 201)

  for (const { token } of [first, second]) {
    const body = { move: 'suspend' }
    t.equal((await house.askFresh('POST', `${union.url}/transitions`, { token, body })).statusCode, 200)
  }
  await move(house, provisional.url, first.token, 'verify')

  for (const create of ofUnion) t.equal((await create()).statusCode, 403)
  t.match((await ofProvisional()).headers, { 'idempotency-replayed': 'true' })
})

const makeDelegate = (house: House, token: string, organisationId: string) =>
  house.ask('POST', '/v1/delegates', {
    token,
    body: { organisationId, displayName: 'Mara' },
    headers: { 'idempotency-key': key },
  })

const recall = (house: House, mandateId: string, token: string) =>
  house.askFresh('POST', `/v1/mandates/${mandateId}/transitions`, { token, body: { move: 'recall' } })

async function clientOf(house: House, { id, token }: Union): Promise<string> {
  const body = {
    label: 'server',
    organisationId: id,
    scopes: ['delegates:write'],
    powers: ['administer'],
  }
  return (await house.ask('POST', '/v1/tokens', { token, body })).data.secret
}
