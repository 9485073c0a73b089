import t, { type Test } from 'tap'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { cloneDatabase } from '../../databases.ts'
import { json, organisationsIn, union } from '../../fixtures/requests.ts'
import { openHouse } from '../../harness.ts'
import { startService } from '../../start/service.ts'

const unreadable: [bytes: string, status: number, code: string][] = [
  ['GARBAGE\r\n\r\n', 400, 'malformed_request'],
  ['GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'malformed_request'],
  ['GET /livez HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n', 400, 'malformed_request'],
  [
    'GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'POST /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'POST /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    400,
    'malformed_request',
  ],
  [`GET /livez HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(70_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ['GET /livez HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417, 'expectation_failed'],
]

t.test('bytes that are not a request are answered with a problem', async (t) => {
  const house = await openHouse(t)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  for (const [bytes, status, code] of unreadable) {
    const { head, problem } = await answerTo(t, origin, bytes)
    t.match(head, new RegExp(`^HTTP/1.1 ${status} \\w`), bytes.slice(0, 80))
    t.match(head, /\r\nContent-Type: application\/problem\+json\r\n/i)
    t.match(problem, {
      status,
      code,
      type: `http://pact.test/problems/${code}`,
      requestId: /^[0-9a-f-]{36}$/,
    })
    t.match(head.toLowerCase(), `request-id: ${problem['requestId']}`)
  }
})

t.test('an unknown HTTP method is refused with the list of known ones', async (t) => {
  const house = await openHouse(t)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  const { problem } = await answerTo(t, origin, 'FOO /v1/me HTTP/1.1\r\nHost: x\r\n\r\n')

  t.match(problem, { status: 400, code: 'malformed_request', detail: /HTTP\/1\.1 method.* GET, POST/ })
})

t.test('a request with two Authorization headers is refused', async (t) => {
  const house = await openHouse(t)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  const good = `Authorization: Bearer ${house.operatorToken}`
  const asking = (...headers: string[]) =>
    answerTo(
      t,
      origin,
      ['GET /v1/me HTTP/1.1', 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'),
    )

  t.match((await asking(good)).head, /^HTTP\/1.1 200 /)
  for (const second of [good, 'authorization: Bearer another', 'Authorization: Basic eDp5'])
    t.match((await asking(good, second)).problem, {
      status: 422,
      errors: [{ header: 'Authorization', code: 'duplicate_header', detail: /only once/ }],
    })
})

t.test('a client that expects 100 Continue gets it', async (t) => {
  const house = await openHouse(t)
  const { port } = new URL(await house.app.listen({ host: '127.0.0.1', port: 0 }))
  const body = JSON.stringify(union)
  const post = request({
    port,
    method: 'POST',
    path: '/v1/organisations',
    headers: { ...json, 'content-length': Buffer.byteLength(body), expect: '100-continue' },
  })
  post.flushHeaders()

  await once(post, 'continue')
  post.end(body)

  const [answer] = (await once(post, 'response')) as [{ statusCode: number; resume(): void }]
  answer.resume()
  t.equal(answer.statusCode, 201)
  t.equal(await organisationsIn(house), 1)
})

t.test('a request that takes too long to arrive is answered 408', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const service = await startService(t, {
    DATABASE_URL: database.url,
    SIGNING_KEY_FILE: path.join(t.testdir(), 'receipts.pem'),
    REQUEST_TIMEOUT_SECONDS: '1',
  })

  for (const begun of ['GET /livez HTTP/1.1\r\nHost: x\r\n', slowBody]) {
    const { problem } = await answerTo(t, service.url, begun)
    t.match(problem, { status: 408, code: 'request_timeout' })
  }
})

const slowBody =
  'POST /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'

/** Sends only these bytes, and reads until the service closes the connection. */
async function answerTo(t: Test, origin: string, bytes: string) {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  // The service may close the connection before it has read everything; only its answer matters.
  socket.on('error', () => undefined)
  socket.write(bytes)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  return { head: `${head}\r\n`, problem: JSON.parse(body || '{}') as Record<string, unknown> }
}
