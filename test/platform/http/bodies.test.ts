import t from 'tap'
import { gzipSync } from 'node:zlib'
import { absentId, openCoordination } from '../../fixtures/unions.ts'
import { json, organisationsIn, post, union } from '../../fixtures/requests.ts'
import { openHouse } from '../../harness.ts'

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

t.test('malformed or dangerous JSON answers 400', async (t) => {
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
  t.equal(await organisationsIn(house), 0)
})

t.test(
  'well-formed JSON with a key that reaches the prototype is refused with that reason, and null as a wrong type',
  async (t) => {
    const house = await openHouse(t)

    for (const what of [
      'a prototype key',
      'a nested prototype key',
      'a constructor that reaches the prototype',
    ])
      t.match((await post(house, unreadable[what] ?? '')).data.detail, /Remove the key/, what)
    t.match((await post(house, unreadable['not JSON'] ?? '')).data.detail, /not well-formed/)
    t.match((await post(house, 'null')).data, {
      status: 422,
      errors: [{ pointer: '', code: 'wrong_type', detail: 'must be an object' }],
    })
  },
)

t.test('a merge patch is checked like any JSON body', async (t) => {
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

t.test('a body that is not UTF-8 is refused instead of stored as other text', async (t) => {
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

t.test('JSON with 32 levels is accepted', async (t) => {
  const house = await openHouse(t)
  t.equal((await post(house, '['.repeat(32) + ']'.repeat(32))).statusCode, 422)
  t.equal(
    (await post(house, { ...union, name: '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' }))
      .statusCode,
    201,
  )
})

const repeating: [json: string, pointers: string[]][] = [
  ['{"kind": "union", "kind": "union"}', ['/kind']],
  ['{"name": "a", "country": "BY", "name": "b", "country": "DE"}', ['/name', '/country']],
  ['{"secretary": {"displayName": "a", "displayName" : "b"}}', ['/secretary/displayName']],
  ['{"externalIds": [{}, {"id": "}", "id": "\\\\\\"{"}]}', ['/externalIds/1/id']],
  ['{"name": 1, "n\\u0061me": 2}', ['/name']],
  ['{"": 1, "a/~": 1, "": 2, "a/~": 2}', ['/', '/a~1~0']],
]

t.test('a JSON key that occurs twice is refused by name', async (t) => {
  const house = await openHouse(t)

  for (const [body, pointers] of repeating) {
    const { data } = await post(house, body)
    t.match([data.status, data.code], [400, 'malformed_request'], body)
    t.same(
      data.errors.map((fault: Record<string, string>) => [fault.pointer, fault.code]),
      pointers.map((pointer) => [pointer, 'duplicate_field']),
    )
  }
  const apart = {
    ...union,
    externalIds: [
      { system: 'a', id: 'id' },
      { system: 'b', id: ':"id":' },
    ],
  }
  t.equal(
    (await post(house, apart)).statusCode,
    201,
    'the same key in two objects, or in a text, is no fault',
  )
  t.equal(await organisationsIn(house), 1)
})

t.test('a compressed body is refused without decompressing it', async (t) => {
  const house = await openHouse(t)
  const body = JSON.stringify(union)

  for (const coding of ['gzip', 'br', 'deflate', 'GZIP', 'gzip, gzip', 'identity, gzip', 'x']) {
    const headers = { ...json, 'content-encoding': coding }
    const asked = { method: 'POST' as const, url: '/v1/organisations', headers }
    for (const payload of [gzipSync(body), body]) {
      const answer = await house.app.inject({ ...asked, payload })
      t.match([answer.statusCode, answer.json().code], [415, 'unsupported_media_type'], coding)
    }
  }
  t.equal((await post(house, union, { ...json, 'content-encoding': 'identity' })).statusCode, 201)
})

t.test('a body over the limit answers 413, with or without Content-Length', async (t) => {
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

t.test('only JSON bodies are accepted, however the media type is spelled', async (t) => {
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
  t.equal(await organisationsIn(house), accepted.length)
})
