import t from 'tap'
import { absentId, openCoordination, registerUnion } from '../../fixtures/unions.ts'
import { faultsOf, organisationsIn, post, union } from '../../fixtures/requests.ts'
import { openHouse } from '../../harness.ts'

t.test('a request gets all faults of body, parameters and headers in one answer', async (t) => {
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
  t.equal(await organisationsIn(house), 0)
})

t.test('a missing field and a wrong field have different codes', async (t) => {
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

t.test('a missing body is reported as empty', async (t) => {
  const house = await openHouse(t)

  const none = await house.ask('POST', '/v1/organisations')
  const empty = await post(house, '')

  for (const answer of [none, empty]) t.same([answer.statusCode, faultsOf(answer)], [422, [' required']])
})

t.test('a body is refused where the operation takes none', async (t) => {
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

t.test('an answer to many faults lists the first 50', async (t) => {
  const { ask } = await openHouse(t)
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1]))
  const parameters = new URLSearchParams(Array.from({ length: 900 }, (_, i) => `p${i}=1`).join('&'))
  const unknown = Object.fromEntries(Object.entries(fields).slice(0, 1_000))
  const externalIds = Array.from({ length: 15 }, (_, i) => ({ system: 'a', id: `${i}`, ...unknown }))

  for (const answer of [
    await ask('POST', '/v1/organisations', { body: fields }),
    await ask('POST', '/v1/organisations', { body: { externalIds } }),
    await ask('GET', `/v1/organisations?${parameters.toString()}`),
  ]) {
    t.equal(answer.statusCode, 422)
    t.equal(answer.data.errors.length, 50)
    t.match(answer.data.detail, /more than 50 faults/)
    t.ok(answer.body.length < 32_000, `${answer.body.length} bytes`)
  }
})

t.test('forbidden characters in text are refused by name', async (t) => {
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

t.test('an undecodable URL answers 400, and a malformed id answers 404', async (t) => {
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

t.test('a problem never repeats a value from the request', async (t) => {
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
