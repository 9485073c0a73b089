import t, { type Test } from 'tap'
import {
  absentId,
  enrol,
  ledgerOf,
  openCoordination,
  plainly,
  registerUnion,
  seat,
} from '../fixtures/unions.ts'
import { elevated } from '../fixtures/second-factor.ts'
import { openHouse } from '../harness.ts'

const whole = {
  legalName: 'Ivan Ivanavič Canary',
  phone: '+375 (29) 123-45-67',
  email: 'ivan@example.org',
  messenger: 'Signal, ivan.42',
  travelDocument: { number: 'MP1234567', country: 'BY', expiresOn: '2030-01-31' },
}

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await elevated(house, await seat(house, union, { office: 'delegate' }))
  const url = `/v1/delegates/${mara.delegateId}/identity`
  const write = (body: object = whole, token = mara.token) => house.ask('PUT', url, { token, body })
  return { house, ...house, union, mara, url, write }
}

t.test('a delegate writes, reads, replaces and deletes their own identity', async (t) => {
  const { house, ask, askFresh, mara, url, write } = await world(t)

  t.match((await ask('GET', url, { token: mara.token })).data, { status: 404, code: 'identity_not_found' })
  const written = await write()
  t.equal(written.statusCode, 200, written.body)
  t.match(written.data, { ...whole, version: 1, url })
  const replaced = await write({ phone: '00375 29 1234567' })
  t.match(replaced.data, { legalName: null, phone: '00375 29 1234567', travelDocument: null, version: 2 })
  t.same((await ask('GET', url, { token: mara.token })).data, replaced.data)
  const stale = await ask('PUT', url, { token: mara.token, body: whole, headers: { 'if-match': '"1"' } })
  t.match(stale.data, { status: 412, code: 'stale_version' })
  t.equal((await askFresh('DELETE', url, { token: mara.token })).statusCode, 204)
  t.equal((await ask('GET', url, { token: mara.token })).statusCode, 404)
  t.equal((await write()).data.version, 1, 'they can write it again')

  const told = await ledgerOf(house, written.data.id)
  t.same(
    told.map(({ type }) => type),
    ['identity.written', 'identity.changed', 'identity.removed'],
  )
  t.notMatch(JSON.stringify(told), /Canary|123-45|example/, 'the ledger contains no values')
})

t.test('only the delegate can read or change their identity', async (t) => {
  const { house, ask, union, mara, url, write } = await world(t)
  const { first } = await openCoordination(house)
  const colleague = await seat(house, union, { office: 'observer' })
  const client = await ask('POST', '/v1/tokens', {
    token: union.token,
    body: { label: 'site', scopes: ['delegates:read'], organisationId: union.id },
  })
  await write()

  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const asking = (token?: string) => ({
      token,
      headers: { 'if-match': '*' },
      ...(method === 'PUT' && { body: whole }),
    })
    t.equal((await ask(method, url, asking())).statusCode, 401)
    t.equal((await ask(method, url, asking(union.token))).statusCode, 403, 'not for the secretary')
    t.equal((await ask(method, url, asking(colleague.token))).statusCode, 403)
    t.equal((await ask(method, url, asking(house.operatorToken))).statusCode, 403)
    t.equal((await ask(method, url, asking(client.data.secret))).statusCode, 403, 'nor for systems')
    const hidden = await ask(method, url, asking(first.token))
    const absent = await ask(method, url.replace(mara.delegateId, absentId), asking(first.token))
    t.equal(hidden.statusCode, 404)
    t.same(plainly(hidden), plainly(absent))
  }
})

t.test(
  'an identity with invalid values is refused with every invalid field, and the error does not repeat the values',
  async (t) => {
    const { write } = await world(t)

    const faulty = await write({
      phone: 'call me',
      email: 'ivan at example',
      legalName: ' ',
      travelDocument: { number: 'x', country: 'XX' },
      nickname: 'V',
    })

    t.equal(faulty.statusCode, 422)
    t.same(faulty.data.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
      '/email',
      '/legalName',
      '/nickname',
      '/phone',
      '/travelDocument/country',
    ])
    t.notMatch(faulty.body, 'call me')
    for (const email of ['ива́н@почта.рф', 'a+b@c.d.org'])
      t.equal((await write({ email })).statusCode, 200, email)
    for (const email of ['a@b', 'a@@b.org', 'a b@c.org', 'a@b..org']) {
      t.equal((await write({ email })).statusCode, 422, email)
    }
    const { data } = await write({ phone: '\u202a+375\u2011٢٩\u00a01234567\u202c' })
    t.match(data, { phone: '\u202a+375\u2011٢٩\u00a01234567\u202c', phoneInE123: '+375 29 1234567' })
    for (const phone of ['12345', '+49.711/123 456', '(0711) 12 34 56']) {
      t.equal((await write({ phone })).statusCode, 200, phone)
    }
    for (const phone of ['1234', '1'.repeat(18), '++49 711 1234'])
      t.equal((await write({ phone })).statusCode, 422, phone)
  },
)

t.test('an encrypted identity value cannot be decrypted in another row, column or person', async (t) => {
  const { ask, mara, url, write, union, house } = await world(t)
  await write()
  await elevated(house, union)
  const other = `/v1/delegates/${union.delegateId}/identity`
  await ask('PUT', other, { token: union.token, body: whole })
  const { $client } = house.database.read
  const read = async () => (await ask('GET', url, { token: mara.token })).statusCode
  t.equal(await read(), 200)

  for (const tampering of [
    'update identities set messenger = legal_name where delegate_id = $1',
    'update identities set phone = (select phone from identities where delegate_id <> $1) where delegate_id = $1',
    'update identities set email = set_byte(email, 20, (get_byte(email, 20) + 1) % 256) where delegate_id = $1',
  ]) {
    await write()
    t.equal(await read(), 200)
    await $client.query(tampering, [mara.delegateId])
    const answer = await ask('GET', url, { token: mara.token })
    t.match(answer.data, { status: 503, code: 'vault_value_damaged' }, tampering)
    t.notMatch(answer.body, 'Canary')
  }
})

t.test('two concurrent first writes of an identity result in one identity', async (t) => {
  const { write, ask, url, mara } = await world(t)

  const answers = await Promise.all([write(), write({ phone: '12345' }), write({ phone: '67890' })])

  t.same(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  )
  t.equal((await ask('GET', url, { token: mara.token })).data.version, 3)
})

t.test('a person who erases themselves leaves only the fact that somebody was here', async (t) => {
  const { house, ask, askFresh, union, mara, url, write } = await world(t)
  await write()
  const key = 'a-key-of-sixteen-characters'
  const token = await ask('POST', '/v1/tokens', {
    token: mara.token,
    body: { label: 'Marta’s phone', scopes: ['delegates:read'] },
    headers: { 'idempotency-key': key },
  })
  t.equal(token.statusCode, 201, token.body)
  const person = `/v1/delegates/${mara.delegateId}`

  t.equal((await ask('DELETE', person, { token: mara.token })).statusCode, 428)
  t.equal(
    (await askFresh('DELETE', person, { token: union.token })).statusCode,
    403,
    'nobody erases another who can speak for themselves',
  )
  const gone = await askFresh('DELETE', person, { token: mara.token })

  t.equal(gone.statusCode, 204, gone.body)
  for (const secret of [mara.token, token.data.secret]) {
    t.equal((await ask('GET', url, { token: secret })).statusCode, 401)
  }
  t.match((await ask('GET', person, { token: union.token })).data, {
    displayName: 'Erased person',
    languages: [],
    erasedAt: house.now().toISOString(),
  })
  const left = async (text: string) =>
    (await house.database.read.$client.query(text, [mara.delegateId])).rows.length
  t.equal(await left('select from identities where delegate_id = $1'), 0)
  t.equal(await left('select from tokens where delegate_id = $1'), 0)
  t.equal(await left('select from idempotency_keys where delegate_id = $1'), 0)
  t.equal(await left("select from mandates where delegate_id = $1 and status = 'active'"), 0)
  t.same(await house.vault.store.keysOf(mara.delegateId), [], 'the key is shredded')
  t.equal((await ledgerOf(house, mara.delegateId)).at(-1)?.type, 'delegate.erased')
  t.equal((await askFresh('DELETE', person, { token: union.token })).statusCode, 204, 'asked twice')
})

t.test(
  'a person without a token can be erased only by an administrator of the organisation that added them',
  async (t) => {
    const { house, ask, union, mara } = await world(t)
    const { first } = await openCoordination(house)
    const body = { organisationId: union.id, displayName: 'Left long ago' }
    const { url } = (await ask('POST', '/v1/delegates', { token: union.token, body })).data
    const erase = (token?: string) => ask('DELETE', url, { token, headers: { 'if-match': '*' } })

    t.equal((await erase()).statusCode, 401)
    t.equal((await erase(first.token)).statusCode, 404)
    t.equal((await erase(mara.token)).statusCode, 404, 'a person without a mandate is hidden from colleagues')
    t.equal((await erase(union.token)).statusCode, 204)
    t.equal(await enrol(house, union, absentId).catch(() => 'refused'), 'refused')
  },
)
