import t, { type Test } from 'tap'
import { absentId, openCoordination, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { ledgerOf } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

const channels = [
  { kind: 'phone', address: '+375 17 123 45 67', note: 'In the evening, ask for Vesna.' },
  { kind: 'messenger', address: 'Signal, committee.07', note: null },
]

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const url = `${union.url}/contact-channels`
  const write = (body: object = { channels }, token = union.token, headers = {}) =>
    house.ask('PUT', url, { token, body, headers })
  return { house, ...house, union, url, write }
}

t.test('an administrator writes, changes and deletes the contact channels of the organisation', async (t) => {
  const { house, ask, askFresh, union, url, write } = await world(t)

  t.match((await ask('GET', url, { token: union.token })).data, {
    status: 404,
    code: 'contact_channels_not_found',
  })
  t.match((await write({ channels }, union.token, { 'if-match': '"1"' })).data, { code: 'stale_version' })
  const written = await write()
  t.match(written.data, { channels, version: 1, url })
  t.match((await write({ channels: [channels[0]] })).data, { channels: [channels[0]], version: 2 })
  t.match((await write({ channels }, union.token, { 'if-match': '"1"' })).data, { status: 412 })
  t.match((await ask('GET', url, { token: union.token })).data, { channels: [channels[0]] })
  t.equal((await askFresh('DELETE', url, { token: union.token })).statusCode, 204)
  t.equal((await ask('GET', url, { token: union.token })).statusCode, 404)
  const told = await ledgerOf(house, written.data['id'])
  t.same(
    told.map(({ type }) => type),
    ['contact_channels.written', 'contact_channels.changed', 'contact_channels.removed'],
  )
  t.notMatch(JSON.stringify(told), /Vesna|committee|123 45/)
})

t.test('a contact telephone number is stored as typed and also returned in E.123 notation', async (t) => {
  const { write } = await world(t)
  const numbers: [sent: string, inE123: string][] = [
    ['+375 17 123 45 67', '+375 17 123 45 67'],
    ['+375\u201129\u2011123\u201145\u201167', '+375 29 123 45 67'],
    ['+49\u00a0711\u202f123\u2013456', '+49 711 123 456'],
    ['\u202a+90 212 123 45 67\u202c', '+90 212 123 45 67'],
    ['\u202b+٩٦٦ ١١ ٤٦٤ ٧٢٧٢\u202c', '+966 11 464 7272'],
    ['+۹۸ ۲۱ ۶۶۴۰ ۱۲۳۴', '+98 21 6640 1234'],
    ['＋８１－３－１２３４－５６７８', '+81 3 1234 5678'],
    ['+44 (0)20 7946 0958', '+44 20 7946 0958'],
    ['+375 (29) 123-45-67', '+375 29 123 45 67'],
    ['(0711) 12 34 56', '(0711) 12 34 56'],
  ]
  const sent = numbers.map(([address]) => ({ kind: 'phone', address, note: null }))

  const written = await write({ channels: sent })

  t.equal(written.statusCode, 200, written.body)
  const expected = numbers.map(([address, addressInE123]) => ({ kind: 'phone', address, addressInE123 }))
  t.match(written.data['channels'], expected)
  for (const [address, detail] of [
    ['+375 29 123x45 67', /contains U\+0078/],
    ['+375\u200b29 123 45 67', /contains U\+200B ZERO WIDTH SPACE/],
    ['\u202e+375 29 123 45 67', /contains U\+202E RIGHT-TO-LEFT OVERRIDE/],
    ['1234', /must be a telephone number of 5 to 17 digits, such as \+375 29 123 45 67$/],
  ] as const) {
    const refused = await write({ channels: [{ kind: 'phone', address }] })
    const fault = { pointer: '/channels/0/address', code: 'invalid_format', detail }
    t.match(refused.data, { status: 422, errors: [fault] }, address)
  }
  const messenger = await write({ channels: [{ kind: 'messenger', address: 'Signal\u200b, committee' }] })
  t.match(messenger.data, { status: 422, errors: [{ detail: /U\+200B/ }] })
})

t.test('only administrators of the organisation read or change its contact channels', async (t) => {
  const { house, ask, union, url, write } = await world(t)
  const { first } = await openCoordination(house)
  const member = await seat(house, union, { office: 'delegate' })
  await write()

  for (const method of ['GET', 'PUT', 'DELETE'] as const) {
    const asking = (token?: string) => ({
      token,
      headers: { 'if-match': '*' },
      ...(method === 'PUT' && { body: { channels } }),
    })
    t.equal((await ask(method, url, asking())).statusCode, 401)
    t.equal((await ask(method, url, asking(member.token))).statusCode, 403)
    t.equal(
      (await ask(method, url, asking(first.token))).statusCode,
      403,
      'a coordinator sees the union, not this',
    )
    t.equal((await ask(method, url, asking(house.operatorToken))).statusCode, 403)
    const absent = `/v1/organisations/${absentId}/contact-channels`
    t.equal((await ask(method, absent, asking(union.token))).statusCode, 404)
  }
})

t.test('an invalid contact address is refused with the reason', async (t) => {
  const { write } = await world(t)

  const faulty = await write({
    channels: [
      { kind: 'phone', address: 'ask at the gate' },
      { kind: 'email', address: 'nobody' },
      { kind: 'pigeon', address: 'grey' },
    ],
  })
  const twice = await write({ channels: [channels[0], channels[0]] })

  t.equal(faulty.statusCode, 422)
  t.same(faulty.data['errors'].map(({ pointer }: { pointer: string }) => pointer).sort(), [
    '/channels/0/address',
    '/channels/1/address',
    '/channels/2/kind',
  ])
  t.equal(twice.statusCode, 422)
  t.notMatch(faulty.body + twice.body, /gate|Vesna/)
  t.ok(plainly(faulty))
})

t.test('two concurrent first writes of contact channels result in one list', async (t) => {
  const { ask, union, url, write } = await world(t)

  const answers = await Promise.all([
    write(),
    write({ channels: [channels[0]] }),
    write({ channels: [channels[1]] }),
  ])

  t.same(
    answers.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  )
  t.equal((await ask('GET', url, { token: union.token })).data['version'], 3)
})
