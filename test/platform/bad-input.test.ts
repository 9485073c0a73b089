import t, { type Test } from 'tap'
import { connect } from 'node:net'
import { absentId, openCoordination, registerUnion } from '../fixtures/unions.ts'
import { openHouse, type Answer, type House } from '../harness.ts'

const union = { kind: 'union', name: 'Miners', country: 'BY', secretary: { displayName: 'Vesna' } }
const json = { 'content-type': 'application/json' }

const faultsOf = (answer: Answer): string[] =>
  answer.data.errors
    .map(
      (fault: Record<string, string>) => `${fault.pointer ?? fault.parameter ?? fault.header} ${fault.code}`,
    )
    .sort()

/** Sends a body as it stands, well-formed or not. */
const post = (house: House, body: string | object, headers: Record<string, string> = json) =>
  house.ask('POST', '/v1/organisations', { body, headers })

async function count(house: House): Promise<number> {
  const { rows } = await house.database.read.$client.query('select count(*)::int as n from organisations')
  return (rows[0] as { n: number }).n
}

t.test('all faults of a request are told at once: of its body, its parameters and its headers', async (t) => {
  const house = await openHouse(t)

  const answer = await house.ask('POST', '/v1/organisations?verbose=1&__proto__=x', {
    body: { kind: 'party', name: 7, country: 'XX', boss: 1, secretary: { displayName: 'V', legalName: 'N' } },
    headers: { 'idempotency-key': 'short' },
  })

  t.equal(answer.statusCode, 422)
  t.same(faultsOf(answer), [
    '/boss unknown_field',
    '/country unknown_country',
    '/kind unknown_value',
    '/name wrong_type',
    '/secretary/legalName unknown_field',
    'Idempotency-Key invalid_format',
    '__proto__ unknown_parameter',
    'verbose unknown_parameter',
  ])
  t.equal(await count(house), 0)
})

t.test('a missing field is told from a wrong one', async (t) => {
  const house = await openHouse(t)

  t.same(faultsOf(await post(house, {})), [
    '/country required',
    '/kind required',
    '/name required',
    '/secretary required',
  ])
  t.same(faultsOf(await post(house, { ...union, kind: null, country: 7, secretary: [] })), [
    '/country wrong_type',
    '/kind unknown_value',
    '/secretary wrong_type',
  ])
  for (const body of ['[]', '"text"', '7', 'true']) {
    t.same(faultsOf(await post(house, body)), [' wrong_type'], body)
  }
})

t.test('a body that is missing altogether is told so', async (t) => {
  const house = await openHouse(t)

  const none = await house.ask('POST', '/v1/organisations')
  const empty = await post(house, '')

  t.same([none.statusCode, faultsOf(none)], [422, [' required']])
  t.match([empty.statusCode, empty.data.code], [400, 'malformed_request'])
})

t.test('a body where none belongs is refused', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const tokens = await house.ask('GET', '/v1/tokens', { token: icog.token })

  const answer = await house.ask('DELETE', `/v1/tokens/${tokens.data.data[0].id}`, {
    token: icog.token,
    body: { really: true },
  })

  t.same([answer.statusCode, faultsOf(answer)], [422, [' unexpected_body']])
  t.equal((await house.ask('GET', '/v1/me', { token: icog.token })).statusCode, 200)
})

const unreadable: Record<string, string> = {
  'not JSON': '{"name":',
  'two values': '{}{}',
  'a comment': '{"name": /* who */ 1}',
  'a single quote': "{'name': 1}",
  'a prototype key': '{"__proto__": {"kind": "union"}, "name": "x"}',
  'a nested prototype key': '{"secretary": {"__proto__": {"displayName": "x"}}}',
  'a constructor that reaches the prototype': '{"constructor": {"prototype": {"polluted": true}}}',
  '20,000 arrays in each other': '['.repeat(20_000) + ']'.repeat(20_000),
  '20,000 objects in each other': '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000),
  '33 levels': '['.repeat(33) + ']'.repeat(33),
}

t.test('JSON that cannot or should not be read is 400', async (t) => {
  const house = await openHouse(t)
  for (const [what, body] of Object.entries(unreadable)) {
    const answer = await post(house, body)
    t.match([answer.statusCode, answer.data.code], [400, 'malformed_request'], what)
    const patch = await house.ask('PATCH', `/v1/organisations/${absentId}`, {
      token: house.operatorToken,
      body,
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' },
    })
    t.equal(patch.statusCode, 403, 'and who may not write is refused before anything is read')
  }
  t.equal(({} as { polluted?: boolean }).polluted, undefined)
  t.equal(await count(house), 0)
})

t.test('a merge patch is read with the same care as any JSON', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const patch = (body: string) =>
    house.ask('PATCH', icog.url, {
      token: icog.token,
      body,
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': '*' },
    })

  for (const [what, body] of Object.entries(unreadable)) t.equal((await patch(body)).statusCode, 400, what)
  t.equal((await patch('{"about": "We organise all shifts."}')).data.about, 'We organise all shifts.')
  t.equal((await patch('{"about": null}')).data.about, null)
})

t.test('bytes that are no UTF-8 are refused instead of being stored as something else', async (t) => {
  const house = await openHouse(t)
  const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])

  const answer = await house.app.inject({
    method: 'POST',
    url: '/v1/organisations',
    headers: json,
    payload: bytes,
  })

  t.match([answer.statusCode, answer.json().code], [400, 'malformed_request'])
})

t.test('32 levels are few enough to be read', async (t) => {
  const house = await openHouse(t)
  t.equal((await post(house, '['.repeat(32) + ']'.repeat(32))).statusCode, 422)
  t.equal(
    (await post(house, { ...union, name: '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' }))
      .statusCode,
    201,
  )
})

t.test('characters that text may not hold are refused by name', async (t) => {
  const house = await openHouse(t)
  const forbidden = {
    nul: '\\u0000',
    lone: '\\ud800',
    newline: '\\n',
    override: '\\u202e',
    escape: '\\u001b',
  }

  for (const [what, char] of Object.entries(forbidden)) {
    const body = JSON.stringify({ ...union, name: 'NAME', nameVariants: ['NAME'] }).replaceAll(
      'NAME',
      `x${char}y`,
    )
    const answer = await post(house, body)
    t.same(faultsOf(answer), ['/name forbidden_character', '/nameVariants/0 forbidden_character'], what)
  }
  const prose = await post(house, JSON.stringify({ ...union, about: 'TEXT' }).replace('TEXT', 'a\\nb\\tc'))
  t.equal(prose.data.organisation.about, 'a\nb\tc')
  const inProse = await post(house, JSON.stringify({ ...union, about: 'TEXT' }).replace('TEXT', 'a\\u0000b'))
  t.same(faultsOf(inProse), ['/about forbidden_character'])
  const inKey = await post(house, '{"a\\u0000\\ud800": 1}')
  t.equal(inKey.statusCode, 422, 'in the name of a field, too')
  const searched = await house.ask('GET', '/v1/organisations?q=%00')
  t.same(faultsOf(searched), ['q forbidden_character'])
})

t.test('numbers and dates out of range are refused by name', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  for (const number of ['1e400', '-1', '1.5', '99999999999999999999', '2147483648', '"7"', '1e-9']) {
    const answer = await post(house, JSON.stringify({ ...union, memberCount: 0 }).replace(':0', `:${number}`))
    t.match(faultsOf(answer)[0], /^\/memberCount /, number)
  }
  for (const day of [
    '+275760-09-13',
    '2026-02-30',
    '2026-13-01',
    '0000-01-01',
    '2026-3-1',
    '9999-12-31',
    'today',
  ]) {
    const answer = await house.ask('POST', `${icog.url}/mandates`, {
      token: icog.token,
      body: { delegateId: icog.delegateId, office: 'delegate', startsOn: day },
    })
    t.match(faultsOf(answer)[0], /^\/startsOn /, day)
  }
  for (const limit of [
    '0',
    '101',
    '-1',
    '1e2',
    '2147483648',
    '99999999999999999999',
    'ten',
    '1.5',
    '',
    '1&limit=2',
  ]) {
    t.match(faultsOf(await house.ask('GET', `/v1/organisations?limit=${limit}`))[0], /^limit /, limit)
  }
})

t.test('unknown codes and parameters are refused by name', async (t) => {
  const house = await openHouse(t)

  const list = await house.ask(
    'GET',
    '/v1/organisations?country=BX&industry=9999&kind=sect&status=&staus=verified',
  )
  const body = await post(house, {
    ...union,
    languages: ['qqz', 'EN'],
    region: 'XX-1',
    industries: ['12'],
  })

  t.same(faultsOf(list), [
    'country unknown_country',
    'industry unknown_industry',
    'kind unknown_value',
    'status unknown_value',
    'staus unknown_parameter',
  ])
  t.same(faultsOf(body), [
    '/industries/0 unknown_industry',
    '/languages/0 unknown_language',
    '/languages/1 unknown_language',
    '/region unknown_region',
  ])
})

t.test('a body over the limit is 413, whether it says its length or not', async (t) => {
  const house = await openHouse(t)
  const big = JSON.stringify({ ...union, about: 'x'.repeat(2_000_000) })

  const told = await post(house, big)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  const streamed = await fetch(`${origin}/v1/organisations`, {
    method: 'POST',
    headers: json,
    body: new Blob([big]).stream(),
    duplex: 'half',
  })

  t.match([told.statusCode, told.data.code], [413, 'body_too_large'])
  t.match([streamed.status, ((await streamed.json()) as { code: string }).code], [413, 'body_too_large'])
})

t.test('a body is read as JSON or not at all, however its type is spelled', async (t) => {
  const house = await openHouse(t)
  const accepted = [
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/json;charset=UTF-8',
    'application/json ; charset="utf-8"',
  ]
  const refused = [
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'application/xml',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/json\ttext/plain',
    'text/plain; application/json',
    'application/*',
    'json',
    ';',
  ]

  for (const type of accepted) {
    t.equal((await post(house, JSON.stringify(union), { 'content-type': type })).statusCode, 201, type)
    const wrong = await post(house, '{"boss": 1}', { 'content-type': type })
    t.equal(wrong.statusCode, 422, `and checked just the same: ${type}`)
  }
  for (const type of refused) {
    const answer = await post(house, JSON.stringify(union), { 'content-type': type })
    t.match([answer.statusCode, answer.data.code], [415, 'unsupported_media_type'], type)
  }
  t.equal(await count(house), accepted.length)
})

t.test('an address that cannot be decoded is 400, and an id that cannot be one is nowhere', async (t) => {
  const house = await openHouse(t)
  for (const url of ['/v1/organisations/%E0%A4%A', '/%', '/v1/%ff']) {
    const answer = await house.ask('GET', url)
    t.match([answer.statusCode, answer.data.code], [400, 'malformed_request'], url)
    t.equal(answer.headers['request-id'], answer.data.requestId)
  }
  for (const id of ['7', 'x', '%00', '..%2f..', `${absentId}x`, 'a'.repeat(199), 'a'.repeat(5000)]) {
    const answer = await house.ask('GET', `/v1/organisations/${id}`)
    t.ok([400, 404].includes(answer.statusCode), `${answer.statusCode} ${id.slice(0, 20)}`)
    t.equal(answer.headers['content-type'], 'application/problem+json')
  }
  t.equal(
    (await house.ask('GET', '/v1/organisations?q=%E0%A4%A')).statusCode,
    200,
    'a query is read leniently',
  )
})

t.test('bytes that are no HTTP, and headers without end, are answered like any other fault', async (t) => {
  const house = await openHouse(t)
  await house.app.listen({ host: '127.0.0.1', port: 0 })

  const garbage = await rawly(t, house, 'GARBAGE\r\n\r\n')
  const heavy = await rawly(
    t,
    house,
    `GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(70_000)}\r\n\r\n`,
  )

  t.match(garbage, /^HTTP\/1.1 400 Bad Request\r\n/)
  t.match(garbage, /"code":"malformed_request"/)
  t.match(garbage, /Request-Id: [0-9a-f-]{36}\r\n/)
  t.match(heavy, /^HTTP\/1.1 431 /)
  t.match(heavy, /"code":"headers_too_large"/)
})

async function rawly(t: Test, house: House, bytes: string): Promise<string> {
  const { port } = house.app.server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  // The service may hang up before it has read all; what it answered counts.
  socket.on('error', () => undefined)
  socket.end(bytes)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

t.test('what was sent is never repeated in the problem', async (t) => {
  const house = await openHouse(t)
  const canary = 'KANARIENVOGEL'
  const { token } = await registerUnion(house)

  const answers = [
    await post(house, {
      ...union,
      name: [canary],
      country: canary,
      kind: canary,
      website: canary,
      languages: [canary],
    }),
    await post(house, `{"name": "${canary}`),
    await house.ask('GET', `/v1/organisations?country=${canary}&limit=${canary}&cursor=${canary}`),
    await house.ask('GET', '/v1/me', { token: `spt_${canary.repeat(4)}` }),
    await house.ask('POST', '/v1/enrolments', { body: { secret: canary, label: 'x' } }),
    await house.ask('PATCH', `/v1/organisations/${absentId}`, {
      token,
      body: {},
      headers: { 'if-match': canary },
    }),
  ]

  for (const answer of answers) {
    t.ok(answer.statusCode >= 400 && answer.statusCode < 500)
    t.notMatch(answer.body, canary)
  }
})
