import t, { type Test } from 'tap'
import { holdRowLocks } from '../../fixtures/row-locks.ts'
import { openIssuer } from '../../fixtures/identity-provider.ts'
import { registerUnion } from '../../fixtures/unions.ts'
import { openHouse, type Answer } from '../../harness.ts'

const key = '5f0c2c8e-6a2b-4c39-9a55-0e9f0d6f7a11'

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const create = (
    headers: Record<string, string>,
    body: object = { organisationId: union.id, displayName: 'Mara' },
  ) => house.ask('POST', '/v1/delegates', { body, headers: { 'idempotency-key': key, ...headers } })
  const own = { authorization: `Bearer ${union.token}` }
  return { house, ...house, union, create, own }
}

const isReplayOf = (t: Test, answer: Answer, first: Answer, what: string): void => {
  t.match([answer.statusCode, answer.headers['idempotency-replayed']], [first.statusCode, 'true'], what)
  t.equal(answer.body, first.body, what)
}

t.test(
  'an Idempotency-Key with or without quotes is the same, and so is every spelling of Authorization',
  async (t) => {
    const { create, own, union } = await world(t)
    const first = await create(own)

    t.equal(first.statusCode, 201, first.body)
    isReplayOf(t, await create({ ...own, 'idempotency-key': `"${key}"` }), first, 'quoted')
    for (const authorization of [`bearer ${union.token}`, `BEARER ${union.token}`, `Bearer   ${union.token}`])
      isReplayOf(t, await create({ authorization }), first, authorization.slice(0, 12))
  },
)

t.test(
  'a quoted Idempotency-Key may contain escaped quotes, and a malformed one is refused by name',
  async (t) => {
    const { house, create, own } = await world(t)
    const first = await create({
      ...own,
      'idempotency-key': '"one \\" two"'.replaceAll(' ', '-').padEnd(20, 'x'),
    })
    t.equal(first.statusCode, 422, 'nothing stands behind the last quote')

    for (const malformed of [
      `"${key}`,
      `"${key}"x`,
      `"${key.slice(0, 10)}"`,
      `"${key} x"`,
      `"${key}\\"`,
      '""',
      '',
      '"',
    ])
      t.match((await create({ ...own, 'idempotency-key': malformed })).data, {
        status: 422,
        errors: [{ header: 'Idempotency-Key', detail: /quotes/ }],
      })
    const escaped = await create({ ...own, 'idempotency-key': '"a\\"b\\\\c-0123456789"' })
    isReplayOf(t, await create({ ...own, 'idempotency-key': 'a"b\\c-0123456789' }), escaped, 'unescaped')
    const register = (idempotencyKey: string) =>
      house.ask('POST', '/v1/organisations', {
        body: { kind: 'union', name: 'Miners', country: 'BY', secretary: { displayName: 'Vesna' } },
        headers: { 'idempotency-key': idempotencyKey },
      })
    const registered = await register(`"${key}"`)
    isReplayOf(t, await register(key), registered, 'also without a token')
    t.equal((await register('"not-a-uuid-but-long-enough"')).statusCode, 422)
  },
)

t.test(
  'two requests that differ only in member order and case of ids are the same for an Idempotency-Key',
  async (t) => {
    const { house, create, own, union } = await world(t)
    const first = await create(own)

    isReplayOf(t, await create(own, { displayName: 'Mara', organisationId: union.id }), first, 'members')
    isReplayOf(
      t,
      await create(own, { organisationId: union.id.toUpperCase(), displayName: 'Mara' }),
      first,
      'ids',
    )
    const worksite = { employer: 'Works', place: 'Minsk', country: 'BY', industry: '2821' }
    const under = (id: string) =>
      house.ask('POST', `/v1/organisations/${id}/worksites`, {
        body: worksite,
        headers: { ...own, 'idempotency-key': `${key}-2` },
      })
    const made = await under(union.id)
    t.equal(made.statusCode, 201, made.body)
    isReplayOf(t, await under(union.id.toUpperCase()), made, 'ids in the path')
    const other = await create(own, { organisationId: union.id, displayName: 'Vesna' })
    t.match([other.statusCode, other.data['code']], [422, 'idempotency_key_reused'])
  },
)

t.test('a repeated request gets 409 with Retry-After while the first one is running', async (t) => {
  const { house, create, own, union } = await world(t)
  const held = await holdRowLocks(t, house.ownerUrl, 'select 1 from mandates where id = $1 for update', [
    union.mandateId,
  ])
  const first = create(own)
  await held.waiting(1)

  const second = await create(own)

  t.match([second.statusCode, second.data['code']], [409, 'idempotency_in_progress'])
  t.equal(second.headers['retry-after'], '1')
  await held.release()
  const done = await first
  isReplayOf(t, await create(own), done, 'and then it is answered')
})

/** A secretary with an account of the identity provider. */
async function byAccount(t: Test) {
  const issuer = await openIssuer(t, ['mara', 'vesna'])
  const house = await openHouse(t, { now: new Date().toISOString(), settings: issuer.settings })
  const union = await registerUnion(house)
  const bind = async (person: string) => {
    const path = `/v1/delegates/${union.delegateId}/enrolment-links`
    const link = await house.ask('POST', path, { token: union.token, body: {} })
    const body = { secret: link.data['secret'], label: 'login', accessToken: await issuer.tokenOf(person) }
    t.equal((await house.ask('POST', '/v1/enrolments', { body })).statusCode, 201)
  }
  await bind('mara')
  const post = (url: string, token: string, body: object) =>
    house.ask('POST', url, { token, body, headers: { 'idempotency-key': key } })
  // Two tokens of the same second would be identical.
  const renewed = async (person: string, unlike: string): Promise<string> => {
    for (;;) {
      const token = await issuer.tokenOf(person)
      if (token !== unlike) return token
    }
  }
  return { house, union, issuer, bind, post, renewed }
}

t.test(
  'an answer is replayed to the same account after its access token was renewed, and to no other account',
  async (t) => {
    const { house, union, issuer, bind, post, renewed } = await byAccount(t)
    await bind('vesna')
    const create = (token: string) =>
      post('/v1/delegates', token, { organisationId: union.id, displayName: 'Ivan' })
    const before = await issuer.tokenOf('mara')
    const first = await create(before)

    isReplayOf(t, await create(await renewed('mara', before)), first, 'renewed')
    const another = await create(await issuer.tokenOf('vesna'))
    t.match([another.statusCode, another.headers['idempotency-replayed']], [201, undefined])
    t.not(another.data['id'], first.data['id'])
    const { rows } = await house.database.read.$client.query('select t::text as row from idempotency_keys t')
    t.notMatch(JSON.stringify(rows), Buffer.from('Ivan').toString('hex'), 'the table tells nothing')
  },
)

t.test(
  'an answer with a secret is replayed only to its access token, and after a renewal answers 409',
  async (t) => {
    const { union, issuer, post, renewed, house } = await byAccount(t)
    const mint = (token: string) =>
      post('/v1/tokens', token, { label: 'server', organisationId: union.id, scopes: ['pacts:read'] })
    const before = await issuer.tokenOf('mara')
    const first = await mint(before)
    t.equal(first.statusCode, 201, first.body)

    isReplayOf(t, await mint(before), first, 'the same access token')
    const after = await mint(await renewed('mara', before))
    t.match([after.statusCode, after.data['code']], [409, 'answer_withheld'])
    t.match(after.data['detail'], /renewed.*revoke/s)
    t.notMatch(after.body, first.data['secret'])
    const { rows } = await house.database.read.$client.query("select 1 from tokens where label = 'server'")
    t.equal(rows.length, 1, 'it was carried out once')
  },
)
