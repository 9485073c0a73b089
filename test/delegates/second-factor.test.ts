import t, { type Test } from 'tap'
import { openCoordination, enrol, ledgerOf, registerUnion, seat } from '../fixtures/unions.ts'
import { begun, codeOf } from '../fixtures/second-factor.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await seat(house, union, { office: 'delegate' })
  const identity = `/v1/delegates/${mara.delegateId}/identity`
  const give = (code: string, token = mara.token) =>
    house.ask('POST', '/v1/me/elevations', { token, body: { code } })
  const write = (token = mara.token) => house.ask('PUT', identity, { token, body: { legalName: 'Mara' } })
  const read = (token = mara.token) => house.ask('GET', identity, { token })
  const after = (seconds: number) =>
    house.travelTo(new Date(house.now().getTime() + seconds * 1000).toISOString())
  return { house, ...house, union, mara, identity, give, write, read, after }
}

t.test(
  'an identity can be read only for 15 minutes after a code, and only with the token that gave it',
  async (t) => {
    const { house, ask, union, mara, give, write, read, after, now } = await world(t)
    const factor = () => ask('GET', '/v1/me/second-factor', { token: mara.token })

    t.match((await write()).data, { status: 403, code: 'second_factor_needed' })
    t.match((await give('123456')).data, { status: 404, code: 'second_factor_missing' })
    const secret = await begun(house, mara)
    t.match((await factor()).data, { confirmedAt: null })
    t.match(
      (await read()).data,
      { code: 'second_factor_needed' },
      'a secret that nobody confirmed opens nothing',
    )
    const given = await give(codeOf(secret, now()))
    t.same(given.data, { elevatedUntil: '2026-03-02T10:15:00.000Z' })
    t.match((await factor()).data, { confirmedAt: now().toISOString() })
    t.equal((await write()).statusCode, 200)
    const other = await enrol(house, union, mara.delegateId)
    t.match(
      (await read(other)).data,
      { code: 'second_factor_needed' },
      'another token of theirs is not opened',
    )
    after(15 * 60 - 1)
    t.equal((await read()).statusCode, 200)
    after(1)
    t.match((await read()).data, { code: 'second_factor_needed' })
    t.match((await ask('POST', '/v1/me/second-factor', { token: mara.token })).data, {
      code: 'second_factor_exists',
    })
  },
)

t.test('a second factor code works once, in its period and for its own person', async (t) => {
  const { house, union, mara, give, after, now } = await world(t)
  const [secret, others] = [await begun(house, mara), await begun(house, union)]
  const code = codeOf(secret, now())

  t.match((await give(codeOf(others, now()))).data, { status: 403, code: 'code_wrong' })
  t.equal((await give(code)).statusCode, 200)
  t.match((await give(code)).data, { code: 'code_wrong' }, 'not twice')
  after(30)
  t.match((await give(code)).data, { code: 'code_wrong' }, 'not within the tolerance for clocks either')
  const stale = codeOf(secret, now())
  after(61)
  t.match((await give(stale)).data, { code: 'code_wrong' })
  for (const wrong of ['12345', 'abcdef', '1234567'])
    t.match((await give(wrong)).data, { status: 422, errors: [{ pointer: '/code' }] })
})

t.test('a second factor code is accepted in groups and in the digits of any script', async (t) => {
  const { house, mara, give, after, now } = await world(t)
  const secret = await begun(house, mara)
  const inDigitsFrom = (zero: number) => (code: string) =>
    code.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))
  const spellings: Record<string, (code: string) => string> = {
    'in groups': (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
    'with a hyphen': (code) => `${code.slice(0, 3)}-${code.slice(3)}`,
    'with a non-breaking hyphen': (code) => `${code.slice(0, 3)}\u2011${code.slice(3)}`,
    'with narrow blanks around it': (code) => `\u202f${code}\u00a0\n`,
    'with marks of direction': (code) => `\u202a${code}\u202c`,
    'in Arabic digits': inDigitsFrom(0x660),
    'in Persian digits': inDigitsFrom(0x6f0),
    'in Devanagari digits': inDigitsFrom(0x966),
    'in wide digits': inDigitsFrom(0xff10),
  }

  for (const [spelling, write] of Object.entries(spellings)) {
    const given = await give(write(codeOf(secret, now())))
    t.equal(given.statusCode, 200, `${spelling}: ${given.body}`)
    after(60)
  }
  for (const wrong of ['12 345', '123.456', '12345六', '123 4567'])
    t.match((await give(wrong)).data, { status: 422, errors: [{ pointer: '/code' }] }, wrong)
})

t.test('after five wrong codes even a correct one is refused, and the ledger records each', async (t) => {
  const { house, mara, give, after, now } = await world(t)
  const secret = await begun(house, mara)
  const right = () => codeOf(secret, now())
  const wrong = () => String((Number(right()) + 1) % 1_000_000).padStart(6, '0')

  const tried = await Promise.all(Array.from({ length: 8 }, () => give(wrong())))
  const refused = await give(right())

  t.same(tried.map(({ statusCode }) => statusCode).sort(), [403, 403, 403, 403, 403, 429, 429, 429])
  t.match(refused.data, { status: 429, code: 'too_many_codes' })
  t.equal(refused.headers['retry-after'], '900')
  after(901)
  t.equal((await give(right())).statusCode, 200)
  const { rows } = await house.database.read.$client.query('select id from second_factors', [])
  const told = await ledgerOf(house, (rows[0] as { id: string }).id)
  t.same(
    told.map(({ type }) => type),
    ['second_factor.begun', ...Array(5).fill('second_factor.refused'), 'second_factor.confirmed'],
  )
})

t.test('each further five wrong codes double the wait, up to a day; a correct code resets it', async (t) => {
  const { house, mara, give, after, now } = await world(t)
  const secret = await begun(house, mara)
  const right = () => codeOf(secret, now())
  const wrong = () => String((Number(right()) + 1) % 1_000_000).padStart(6, '0')
  const waitAfterFive = async () => {
    for (let i = 0; i < 5; i++) t.equal((await give(wrong())).statusCode, 403)
    const seconds = Number((await give(right())).headers['retry-after'])
    after(seconds)
    return seconds / 60
  }

  const waits: number[] = []
  for (let i = 0; i < 9; i++) waits.push(await waitAfterFive())

  t.same(waits, [15, 30, 60, 120, 240, 480, 960, 1440, 1440])
  t.equal((await give(right())).statusCode, 200)
  after(60)
  t.equal(await waitAfterFive(), 15)
})

t.test('a token without write scope cannot try second factor codes', async (t) => {
  const { house, ask, mara, give, now } = await world(t)
  const secret = await begun(house, mara)
  const body = { label: 'reader', scopes: ['delegates:read', 'visits:read'] }
  const reader = (await ask('POST', '/v1/tokens', { token: mara.token, body })).data['secret'] as string

  t.match((await give(codeOf(secret, now()), reader)).data, { status: 403, code: 'forbidden' })
  for (let i = 0; i < 6; i++) t.equal((await give('000000', reader)).statusCode, 403)
  t.equal((await give(codeOf(secret, now()))).statusCode, 200, 'it does not lock the person out')
})

t.test('an Idempotency-Key does not show the secret of a second factor again', async (t) => {
  const { ask, mara, give, now } = await world(t)
  const begin = () =>
    ask('POST', '/v1/me/second-factor', {
      token: mara.token,
      headers: { 'idempotency-key': 'the-same-key-twice' },
    })
  const first = (await begin()).data['secret'] as string
  const second = (await begin()).data['secret'] as string
  t.not(second, first, 'an unconfirmed secret is replaced')
  t.equal((await give(codeOf(second, now()))).statusCode, 200)

  t.match((await begin()).data, { status: 409, code: 'second_factor_exists' })
  t.equal((await ask('DELETE', '/v1/me/second-factor', { token: mara.token })).statusCode, 204)
  t.notMatch((await begin()).body, second)
})

t.test('a new factor opens one’s own identity immediately, and shows when it opens others', async (t) => {
  const { house, ask, mara, give, write, read, now } = await world(t)
  const factor = async () => (await ask('GET', '/v1/me/second-factor', { token: mara.token })).data

  t.match(await factor(), { confirmedAt: null, opensOthersAt: null })
  await give(codeOf(await begun(house, mara), now()))

  t.match(await factor(), {
    confirmedAt: '2026-03-02T10:00:00.000Z',
    opensOthersAt: '2026-03-04T10:00:00.000Z',
  })
  t.equal((await write()).statusCode, 200)
  t.equal((await read()).statusCode, 200)
})

t.test(
  'writing an identity and removing the second factor concurrently never leave an unprotected identity',
  async (t) => {
    const { house, ask, mara, give, write, now } = await world(t)
    await give(codeOf(await begun(house, mara), now()))

    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => write()),
      ask('DELETE', '/v1/me/second-factor', { token: mara.token }),
      ...Array.from({ length: 4 }, () => write()),
    ])

    t.ok(answers.every(({ statusCode }) => [200, 204, 403].includes(statusCode)))
    const { rows } = await house.database.read.$client.query('select 1 from identities', [])
    t.equal(rows.length, 0)
  },
)

t.test('of concurrent uses of one code only one succeeds, and the others are not wrong codes', async (t) => {
  const { house, mara, give, after, now } = await world(t)
  const secret = await begun(house, mara)
  const code = codeOf(secret, now())

  const answers = await Promise.all(Array.from({ length: 20 }, () => give(code)))
  after(30)
  const again = await give(code)
  const next = await give(codeOf(secret, now()))

  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1)
  t.equal(answers.filter(({ data }) => data['code'] === 'code_wrong').length, 19)
  t.match(again.data, { code: 'code_wrong' }, 'it does not work again after a lost response')
  t.equal(next.statusCode, 200, 'the next code works')
  const { rows } = await house.database.read.$client.query(
    `select type from ledger where type = 'second_factor.refused'`,
  )
  t.same(rows, [])
})

t.test('a person who lost the authenticator can set up another, which deletes the identity', async (t) => {
  const { house, ask, mara, give, write, read, now, after } = await world(t)
  await give(codeOf(await begun(house, mara), now()))
  t.equal((await write()).statusCode, 200)

  t.equal((await ask('DELETE', '/v1/me/second-factor', { token: mara.token })).statusCode, 204)

  t.match((await read()).data, { code: 'second_factor_needed' }, 'the elevation ends too')
  after(60)
  await give(codeOf(await begun(house, mara), now()))
  t.match((await read()).data, { status: 404, code: 'identity_not_found' })
})

t.test('API clients and the operator cannot have a second factor', async (t) => {
  const { house, ask, union } = await world(t)
  const body = { label: 'site', scopes: ['delegates:read', 'delegates:write'], organisationId: union.id }
  const client = (await ask('POST', '/v1/tokens', { token: union.token, body })).data['secret'] as string
  const { first } = await openCoordination(house)

  for (const token of [client, house.operatorToken]) {
    t.equal((await ask('POST', '/v1/me/second-factor', { token })).statusCode, 403)
    t.equal((await ask('POST', '/v1/me/elevations', { token, body: { code: '123456' } })).statusCode, 403)
  }
  const token = first.token
  t.same((await ask('GET', '/v1/me/second-factor', { token })).data, {
    createdAt: null,
    confirmedAt: null,
    opensOthersAt: null,
  })
  t.match((await ask('DELETE', '/v1/me/second-factor', { token })).data, { code: 'second_factor_missing' })
})
