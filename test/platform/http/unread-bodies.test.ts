import t, { type Test } from 'tap'
import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { json, organisationsIn, union } from '../../fixtures/requests.ts'
import { openHouse } from '../../harness.ts'

const big = 'x'.repeat(2_000_000)

/** Every refusal that is sent before the body is read. */
const early: [what: string, method: string, url: string, headers: Record<string, string>, status: number][] =
  [
    ['too large', 'POST', '/v1/organisations', json, 413],
    ['without a token', 'POST', '/v1/pacts', json, 401],
    [
      'with a bad token',
      'POST',
      '/v1/pacts',
      { ...json, authorization: 'Bearer spt_unknownunknownunknown' },
      401,
    ],
    ['where nothing is', 'POST', '/v1/nothing', json, 404],
    ['a method that is not taken', 'PUT', '/v1/organisations', json, 405],
    ['too large and of another type', 'POST', '/v1/organisations', { 'content-type': 'text/plain' }, 413],
    ['an address that cannot be read', 'POST', '/v1/%zz', json, 400],
  ]

async function listening(t: Test, settings: Record<string, string> = {}) {
  const house = await openHouse(t, { settings })
  return { house, origin: await house.app.listen({ host: '127.0.0.1', port: 0 }) }
}

t.test('20 bodies of 2 MB sent by fetch get 20 problems and no broken pipe', async (t) => {
  const { house, origin } = await listening(t)

  for (const [what, method, url, headers, status] of early) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await fetch(origin + url, { method, headers, body: big })
        return [answer.status, ((await answer.json()) as { status: number }).status]
      }),
    )
    t.same(answers, Array(20).fill([status, status]), what)
  }
  t.equal(await organisationsIn(house), 0)
})

t.test('the refusal of a large body has RateLimit headers', async (t) => {
  const { origin } = await listening(t, { ANONYMOUS_REQUESTS_PER_MINUTE: '1' })
  const ask = async () =>
    (await fetch(`${origin}/v1/organisations`, { method: 'POST', headers: json, body: big })).status

  t.equal(await ask(), 413)
  for (let i = 0; i < 10; i++) t.equal(await ask(), 429)
})

t.test('curl reads the refusal of a large body, with Content-Length and chunked', async (t) => {
  const { origin } = await listening(t)
  const curl = async (...options: string[]) => {
    const send = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'content-type: application/json']
    const run = promisify(execFile)('curl', [
      ...send,
      ...options,
      '--data-binary',
      '@-',
      `${origin}/v1/organisations`,
    ])
    run.child.stdin?.on('error', () => undefined).end(big)
    return (await run).stdout
  }

  for (let i = 0; i < 5; i++)
    t.same([await curl(), await curl('-H', 'transfer-encoding: chunked')], ['413', '413'])
})

t.test('a connection stays open after a refused body was read to its end', async (t) => {
  const { origin } = await listening(t)
  const body = 'x'.repeat(500_000)
  const head = `POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`

  const talk = await talkTo(t, origin, head)
  await talk.reads('"not_found"')
  talk.socket.write(`${body}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  await talk.closed

  t.match(talk.read(), /^HTTP\/1.1 404 [^]*HTTP\/1.1 200 /)
  t.notMatch(talk.read().split('\r\n\r\n')[0], /connection: close/i)
})

t.test('the answer announces the close if the rest of a body is larger than the service drops', async (t) => {
  const { origin } = await listening(t)

  const talk = await talkTo(
    t,
    origin,
    'POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n',
  )
  await talk.reads('"not_found"')

  t.match(talk.read(), /connection: close/i)
})

const slow: [what: string, head: string, status: number][] = [
  ['an unread body', 'POST /v1/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nx', 404],
  [
    'an unread body in chunks',
    'POST /v1/nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n',
    404,
  ],
  [
    'a body that is too large',
    'POST /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000000\r\n\r\n{',
    413,
  ],
  ['a read with a body', 'GET /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nx', 200],
  [
    'an expectation',
    'POST /v1/organisations HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 9\r\n\r\nx',
    417,
  ],
  ['no HTTP', 'GARBAGE\r\n\r\n', 400],
  ['too many headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(300_000)}`, 431],
]

t.test(
  'a client that sends the rest of a refused body slowly is disconnected after a second, with the answer',
  async (t) => {
    const { origin } = await listening(t)

    await Promise.all(
      slow.map(async ([what, head, status]) => {
        const talk = await talkTo(t, origin, head)
        await talk.reads('\r\n\r\n')
        const answeredAt = performance.now()
        const dripping = setInterval(() => talk.socket.write('x'), 50)
        await talk.closed
        clearInterval(dripping)
        const held = performance.now() - answeredAt

        t.match(talk.read(), new RegExp(`^HTTP/1.1 ${status} `), what)
        t.equal(talk.read().split(/HTTP\/1\.1 (?=\d{3} )/).length, 2, `${what}: answered once`)
        t.ok(held < 5000, `${what}: held for ${Math.round(held)} ms`)
      }),
    )
  },
)

t.test('headers that are far too large answer 431, not a reset', async (t) => {
  const { origin } = await listening(t)

  for (let i = 0; i < 20; i++) {
    const talk = await talkTo(t, origin, `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(900_000)}`)
    await talk.closed
    t.match(talk.read(), /^HTTP\/1.1 431 /)
    t.equal(talk.error(), undefined)
  }
})

t.test('bytes that are not a request are refused after the requests before them are answered', async (t) => {
  const { house, origin } = await listening(t)
  const body = JSON.stringify(union)
  const head = `POST /v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`

  const talk = await talkTo(t, origin, `${head}${body}GARBAGE\r\n\r\n`)
  await talk.closed

  t.match(talk.read(), /^HTTP\/1.1 201 [^]*HTTP\/1.1 400 /)
  t.equal(await organisationsIn(house), 1)
})

/** A connection on which the bytes were sent, and the answer so far. */
async function talkTo(t: Test, origin: string, bytes: string) {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  let read = ''
  let error: unknown
  const closed = Promise.withResolvers<void>()
  const waiting = new Set<() => void>()
  socket
    .setEncoding('utf8')
    .on('data', (text) => {
      read += String(text)
      for (const look of waiting) look()
    })
    .on('error', (cause) => (error = cause))
    .on('end', () => socket.end())
    .on('close', () => closed.resolve())
    .write(bytes)
  return {
    socket,
    read: () => read,
    error: () => error,
    closed: closed.promise,
    reads: async (text: string) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(() => read.includes(text) && resolve())
      return promise
    },
  }
}
