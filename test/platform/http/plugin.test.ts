import type { AddressInfo, Socket } from 'node:net'
import t from 'tap'
import { anyone } from '../../../src/platform/access.ts'
import {
  absentId,
  move,
  openCoordination,
  registerUnion,
  seat,
  verifiedUnion,
} from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'

t.test('an unknown address answers 404 for every method and body', async (t) => {
  const { ask } = await openHouse(t)

  for (const [method, url] of [
    ['GET', '/v1'],
    ['GET', '/v1/organisations/'],
    ['GET', '/V1/organisations'],
    ['GET', `/v1/organisations/${absentId}/secrets`],
    ['POST', '/v1/nothing'],
    ['DELETE', '/v1/nothing?x=1'],
  ] as const) {
    const body = method === 'POST' ? '{"unfinished' : undefined
    const answer = await ask(method, url, { body, headers: body ? { 'content-type': 'text/plain' } : {} })
    t.match(answer.data, { status: 404, code: 'not_found', instance: url.split('?')[0] }, `${method} ${url}`)
    t.notOk(answer.headers.allow)
  }
})

t.test('a wrong method answers 405 with the Allow header', async (t) => {
  const { ask, app } = await openHouse(t)

  const put = await ask('PUT', '/v1/organisations', { body: '{', headers: { 'content-type': 'text/plain' } })
  const gone = await ask('DELETE', `/v1/organisations/${absentId}?really=1`)
  const options = await app.inject({ method: 'OPTIONS', url: '/v1/me' })
  const odd = await app.inject({ method: 'PROPFIND' as 'GET', url: '/v1/organisations' })

  t.match([put.statusCode, put.data.code, put.headers.allow], [405, 'method_not_allowed', 'GET, HEAD, POST'])
  t.match([gone.statusCode, gone.headers.allow], [405, 'GET, HEAD, PATCH'])
  t.match([options.statusCode, options.headers.allow], [405, 'GET, HEAD'])
  t.match([odd.statusCode, odd.headers.allow], [405, 'GET, HEAD, POST'])
})

t.test('every answer has a Request-Id made by the service', async (t) => {
  const { ask } = await openHouse(t)
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  const answers = [
    await ask('GET', '/v1/organisations', { headers: { 'request-id': 'mine' } }),
    await ask('GET', '/v1/me'),
    await ask('GET', '/nowhere'),
    await ask('PUT', '/v1/me'),
    await ask('POST', '/v1/organisations', { body: {} }),
    await ask('HEAD', '/v1/organisations'),
    await ask('GET', '/livez'),
    await ask('GET', '/%'),
  ]

  for (const answer of answers) t.match(answer.headers['request-id'], uuid)
  t.equal(new Set(answers.map((answer) => answer.headers['request-id'])).size, answers.length)
  t.equal(answers[2]?.data.requestId, answers[2]?.headers['request-id'])
})

t.test('a conditional GET of an unchanged resource or list answers 304', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const { ask } = house

  for (const url of [icog.url, '/v1/organisations', '/v1/organisations?q=icog', `${icog.url}/mandates`]) {
    const asking = { token: icog.token }
    const fresh = await ask('GET', url, asking)
    const etag = String(fresh.headers.etag)
    t.match(etag, /^"[\w.-]+"$/, url)
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await ask('GET', url, { ...asking, headers: { 'if-none-match': header } })
      t.match([again.statusCode, again.body, again.headers.etag], [304, '', etag], header)
      t.notOk(again.headers['content-type'])
    }
    const head = await ask('HEAD', url, { ...asking, headers: { 'if-none-match': etag } })
    t.match([head.statusCode, head.body], [304, ''])
    t.equal((await ask('GET', url, { ...asking, headers: { 'if-none-match': '"other"' } })).statusCode, 200)
  }
  const before = (await ask('GET', '/v1/organisations')).headers.etag
  await verifiedUnion(house, first)
  const list = await ask('GET', '/v1/organisations', { headers: { 'if-none-match': String(before) } })
  t.equal(list.statusCode, 200, 'a list with one row more is another list')
})

t.test('HEAD returns the headers of GET without a body', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  for (const path of [
    icog.url,
    '/v1/organisations?limit=1',
    '/v1/me',
    `/v1/organisations/${absentId}`,
    '/nowhere',
  ]) {
    const [get, head] = await Promise.all(['GET', 'HEAD'].map((method) => fetch(origin + path, { method })))
    t.equal(head?.status, get?.status, path)
    for (const name of [
      'etag',
      'content-type',
      'content-length',
      'cache-control',
      'link',
      'www-authenticate',
    ]) {
      t.equal(head?.headers.get(name), get?.headers.get(name), `${path} ${name}`)
    }
    t.equal(await head?.text(), '')
    await get?.text()
  }
})

t.test('the same version has different ETags for callers who see different fields', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const union = await verifiedUnion(house, first)

  const [mine, theirs] = await Promise.all(
    [union.token, icog.token].map((token) => house.ask('GET', union.url, { token })),
  )

  t.not(mine?.headers.etag, theirs?.headers.etag, 'their allowed moves differ')
  const crossed = await house.ask('PATCH', union.url, {
    token: union.token,
    body: { about: 'x' },
    headers: { 'if-match': String(theirs?.headers.etag) },
  })
  t.equal(crossed.statusCode, 200, 'but both name the same version')
})

t.test('a change without If-Match answers 428, and with a stale one 412', async (t) => {
  const { ask, ...rest } = await openHouse(t)
  const house = { ask, ...rest }
  const union = await registerUnion(house)
  const read = await ask('GET', union.url, { token: union.token })
  const etag = String(read.headers.etag)
  let changes = 0
  const patch = (ifMatch?: string) =>
    ask('PATCH', union.url, {
      token: union.token,
      body: { about: `Change ${++changes}` },
      headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    })

  t.match((await patch()).data, { status: 428, code: 'version_required' })
  for (const wrong of ['', 'x', '1']) {
    t.match((await patch(wrong)).data, { status: 422, errors: [{ header: 'If-Match' }] }, wrong)
  }
  t.equal((await patch(etag)).statusCode, 200)
  t.match((await patch(etag)).data, { status: 412, code: 'stale_version' })
  t.match((await patch('"7.x"')).data, { status: 412 })
  t.equal((await patch('"2"')).statusCode, 200, 'the version alone will do')
  t.equal((await patch('*')).statusCode, 200)
  t.equal((await ask('GET', union.url, { token: union.token })).data.version, 4)
})

t.test('of two concurrent changes of one version, one succeeds', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const read = await house.ask('GET', union.url, { token: union.token })
  const patch = (about: string) =>
    house.ask('PATCH', union.url, {
      token: union.token,
      body: { about },
      headers: { 'if-match': String(read.headers.etag) },
    })

  const answers = await Promise.all(['a', 'b', 'c', 'd'].map(patch))

  t.same(answers.map((answer) => answer.statusCode).sort(), [200, 412, 412, 412])
})

t.test('answers that only some callers may see are not cacheable', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)

  const open = await house.ask('GET', icog.url)
  const own = await house.ask('GET', icog.url, { token: icog.token })
  const refused = await house.ask('GET', '/v1/me')

  t.equal(open.headers['cache-control'], 'public, no-cache')
  t.match(open.headers.vary, /authorization/i)
  t.equal(own.headers['cache-control'], 'private, no-store')
  t.equal(refused.headers['cache-control'], 'no-store')
  t.match(refused.headers['www-authenticate'], /^Bearer /)
})

t.test('an Authorization header without a bearer token is refused with what to send', async (t) => {
  const house = await openHouse(t)

  for (const authorization of ['', 'Basic eDp5', 'Bearer', 'Token 1234567890123456789012'])
    t.match((await house.ask('GET', '/v1/organisations', { headers: { authorization } })).data, {
      status: 401,
      code: 'unauthenticated',
      detail: /no bearer token\. Send "Authorization: Bearer <token>"/,
    })
  t.match((await house.ask('GET', '/v1/organisations', { token: 'spt_nobody-has-this-token' })).data, {
    status: 401,
    detail: /unknown, expired or revoked/,
  })
})

t.test('a page has a Link header to the next one, and the last page has none', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  await seat(house, icog, { office: 'observer' })
  const token = icog.token

  const page = await house.ask('GET', `${icog.url}/mandates?limit=3&status=active`, { token })
  const next = /^<(.*)>; rel="next"$/.exec(String(page.headers.link))?.[1]
  const last = await house.ask('GET', String(next), { token })

  t.match(next, /limit=3&status=active&cursor=/)
  t.match([last.data.data.length, last.data.nextCursor, last.headers.link], [1, null, undefined])
})

t.test('the history of a resource has pages with cursors', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await registerUnion(house)
  for (const name of ['reject', 'resubmit', 'verify']) {
    await move(house, union.url, name === 'resubmit' ? union.token : first.token, name)
  }

  const found: string[] = []
  for (let url: string | null = `${union.url}/transitions?limit=1`; url !== null;) {
    const page = await house.ask('GET', url, { token: first.token })
    found.push(...page.data.data.map((row: { move: string }) => row.move))
    url = page.data.nextCursor && `${union.url}/transitions?limit=1&cursor=${page.data.nextCursor}`
  }

  t.same(found, ['reject', 'resubmit', 'verify'])
})

t.test('a token of the wrong kind is refused with the kinds that are accepted', async (t) => {
  const house = await openHouse(t)
  const { token } = await registerUnion(house)
  const detailOf = async (url: string, by: string) => {
    const { statusCode, data } = await house.ask('POST', url, { token: by, body: {} })
    t.equal(statusCode, 403)
    return data.detail
  }

  t.equal(
    await detailOf('/v1/pacts', house.operatorToken),
    'This kind of token is not accepted here. Send the token of a delegate (an enrolment link gives you one), or ' +
      'the token of an API client (a secretary issues one).',
  )
  t.match(await detailOf('/v1/answers', token), / Send the secret of an offer link\.$/)
})

t.test('a route that does not declare its access or its answers stops the start', async (t) => {
  const { app } = await openHouse(t)
  const handler = async () => ({})
  const response = { 200: {} }

  t.throws(() => app.get('/v1/open', { schema: { response }, handler }), /does not declare its access/)
  t.throws(
    () => app.get('/v1/silent', { config: { access: anyone }, handler }),
    /does not declare its answers/,
  )
})

t.test(
  'an answer leaves the socket with its head and its body in one write, also with text beyond Latin-1',
  async (t) => {
    const house = await openHouse(t)
    const union = await registerUnion(house, { name: 'Стачечный комитет «МТЗ» 🚜' })
    const writes: number[] = []
    house.app.server.on('connection', (socket: Socket) => {
      const { _write: writeOne, _writev: writeMany } = socket
      socket._write = (...given) => void (writes.push(1), writeOne.apply(socket, given))
      socket._writev = (chunks, done) =>
        void (writes.push(chunks.length), writeMany?.call(socket, chunks, done))
    })
    await house.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = house.app.server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}${union.url}`

    const answer = await fetch(url, { headers: { authorization: `Bearer ${union.token}` } })

    const text = await answer.text()
    t.equal((JSON.parse(text) as { name: string }).name, 'Стачечный комитет «МТЗ» 🚜')
    t.equal(answer.headers.get('content-length'), String(Buffer.byteLength(text)))
    t.same(writes, [1])
  },
)
