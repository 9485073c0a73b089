import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import {
  answerBytesMax,
  dnsResolver,
  exchangeMillisecondsMax,
  headBytesMax,
  outboundRefusals,
  publicInternet,
  send,
  type NetworkPolicy,
  type Outbound,
  type OutboundRefusal,
} from '../../src/platform/outbound.ts'
import { makeCertificate } from '../certificates.ts'

// The public internet of these tests is 127.0.0.1, and all the rest of loopback is somebody's private network.

const receiver = makeCertificate('receiver.test')

t.test('what is asked reaches the host, by its name and with a checked certificate', async (t) => {
  const { port, requests } = await secureServer(t, (request, response) => {
    response.writeHead(201, { 'x-thing': 'a' }).end(`${request.method} ${request.url}`)
  })
  const outbound = world({ port })

  const outcome = await send(
    {
      method: 'POST',
      url: `https://Receiver.TEST.:${port}/a%20b?c=d#e`,
      headers: { 'content-type': 'text/plain', 'accept-encoding': 'gzip', 'content-length': '999' },
      body: 'Grüße',
    },
    outbound,
  )

  t.match(outcome, { outcome: 'answered', status: 201, headers: { 'x-thing': 'a' } })
  t.equal(textOf(outcome), 'POST /a%20b?c=d')
  t.strictSame(requests, [
    {
      serverName: 'receiver.test',
      host: `receiver.test:${port}`,
      length: '7',
      encoding: 'identity',
      body: 'Grüße',
    },
  ])
  t.strictSame(outbound.lookUps, ['receiver.test'])
})

t.test('a name that means something else by the second look-up is not looked up twice', async (t) => {
  const { port, requests } = await secureServer(t, (_, response) => response.end('public'))
  const inside = await secureServer(t, (_, response) => response.end('private'), {
    address: '127.0.0.2',
    port,
  })
  const answers = [['127.0.0.1'], ['127.0.0.2']]
  const outbound = world({ port, resolve: async () => answers.shift() ?? [] })
  const request = { method: 'GET', url: `https://receiver.test:${port}/` } as const

  t.equal(textOf(await send(request, outbound)), 'public')
  t.equal(answers.length, 1)
  t.equal(requests.length, 1)
  t.strictSame(await send(request, outbound), { outcome: 'refused', reason: 'address_not_public' })
  t.equal(inside.connections(), 0)

  const unguarded = world({ port, resolve: async () => ['127.0.0.2'], policy: { isPublic: () => true } })
  t.equal(textOf(await send(request, unguarded)), 'private', 'the private host does answer')
})

t.test('one address that is not public is enough to refuse the host', async (t) => {
  const { port, connections } = await secureServer(t, (_, response) => response.end())

  for (const addresses of [
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.1', '::1'],
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '10.0.0.1'],
    ['127.0.0.1', 'not an address'],
  ]) {
    const outcome = await send(
      { method: 'GET', url: `https://receiver.test:${port}/` },
      world({ port, resolve: async () => addresses }),
    )
    t.strictSame(outcome, { outcome: 'refused', reason: 'address_not_public' }, addresses.join())
  }
  t.equal(connections(), 0)
})

t.test('the next address is tried when the first does not answer, but not a thousand of them', async (t) => {
  const { port } = await secureServer(t, (_, response) => response.end('here'))
  const policy = { isPublic: () => true }
  const silent = ['127.0.0.3', '127.0.0.4', '127.0.0.5']
  const request = { method: 'GET', url: `https://receiver.test:${port}/` } as const

  const second = await send(
    request,
    world({ port, policy, resolve: async () => [...silent.slice(1), '127.0.0.1'] }),
  )
  const fourth = await send(request, world({ port, policy, resolve: async () => [...silent, '127.0.0.1'] }))

  t.equal(textOf(second), 'here')
  t.strictSame(fourth, { outcome: 'refused', reason: 'connection_failed' })
})

const refusedUrls: [string, OutboundRefusal][] = [
  ['', 'url_malformed'],
  ['receiver.test/hook', 'url_malformed'],
  ['//receiver.test/', 'url_malformed'],
  ['https:receiver.test/', 'url_malformed'],
  ['https:///receiver.test/', 'url_malformed'],
  ['https:\\\\receiver.test\\', 'url_malformed'],
  ['https://receiver.test\\@inside/', 'url_malformed'],
  ['https://recei\nver.test/', 'url_malformed'],
  ['https://receiver.test/\r\nX-A: b', 'url_malformed'],
  [' https://receiver.test/', 'url_malformed'],
  ['https://receiver.test/\u0000', 'url_malformed'],
  ['https://receiver.test:99999/', 'url_malformed'],
  ['https://1.2.3.4.5/', 'url_malformed'],
  [`https://receiver.test/${'a'.repeat(2048)}`, 'url_malformed'],
  ['http://receiver.test/', 'scheme_not_allowed'],
  ['http://receiver.test:443/', 'scheme_not_allowed'],
  ['file:///etc/passwd', 'scheme_not_allowed'],
  ['gopher://receiver.test:70/_', 'scheme_not_allowed'],
  ['data:text/plain,a', 'scheme_not_allowed'],
  ['https://user:secret@receiver.test/', 'user_in_url'],
  ['https://@receiver.test/', 'user_in_url'],
  ['https://receiver.test@inside/', 'user_in_url'],
  ['https://receiver.test:22/', 'port_not_allowed'],
  ['https://receiver.test:80/', 'port_not_allowed'],
  ['https://receiver.test:0/', 'port_not_allowed'],
  ['https://receiver.test:5432/', 'port_not_allowed'],
]
for (const [url, reason] of refusedUrls) {
  t.test(`${JSON.stringify(url.slice(0, 40))} is refused: ${reason}`, async (t) => {
    const outbound = world({ policy: publicInternet })

    t.strictSame(await send({ method: 'GET', url }, outbound), { outcome: 'refused', reason })
    t.strictSame(outbound.lookUps, [], 'and nothing was looked up')
  })
}

t.test('a private origin is allowed as it is written, and nothing beside it', async (t) => {
  const { port } = await plainServer(t, (_, response) => response.end('inside'))
  const privateOrigins = [`http://127.0.0.1:${port}`, `http://Receiver.test:${port}/`]
  const outcomeOf = (url: string, address = '127.0.0.1') =>
    send(
      { method: 'GET', url },
      world({ policy: { ...publicInternet, privateOrigins }, resolve: async () => [address] }),
    )

  t.equal(textOf(await outcomeOf(`http://127.0.0.1:${port}/`)), 'inside')
  t.equal(textOf(await outcomeOf(`http://receiver.test:${port}/`)), 'inside')
  t.match(await outcomeOf(`http://receiver.test:${port}/`, '169.254.169.254'), {
    reason: 'address_not_public',
  })
  t.match(await outcomeOf(`http://receiver.test:${port + 1}/`), { reason: 'scheme_not_allowed' })
  t.match(await outcomeOf(`https://receiver.test:${port}/`), { reason: 'port_not_allowed' })
  t.match(await outcomeOf('https://127.0.0.1/'), { reason: 'address_not_public' })
  t.match(await outcomeOf(`http://a.receiver.test:${port}/`), { reason: 'scheme_not_allowed' })
})

t.test('a host without a valid certificate for its name never sees the request', async (t) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
  const { port, requests, connections } = await secureServer(t, (_, response) => response.end())
  const untrusted: Partial<NetworkPolicy> = { authorities: [makeCertificate('receiver.test').cert] }

  const outcomes = [
    await send({ method: 'GET', url: `https://other.test:${port}/` }, world({ port })),
    await send({ method: 'GET', url: `https://127.0.0.1:${port}/` }, world({ port })),
    await send(
      { method: 'POST', url: `https://receiver.test:${port}/`, body: 'secret' },
      world({ port, policy: untrusted }),
    ),
  ]

  for (const outcome of outcomes)
    t.strictSame(outcome, { outcome: 'refused', reason: 'certificate_not_valid' })
  t.equal(connections(), 3)
  t.strictSame(requests, [])
})

t.test('a redirect is an answer of its own and is not followed', async (t) => {
  const target = await secureServer(t, (_, response) => response.end('followed'))
  for (const status of [301, 302, 303, 307, 308]) {
    const { port } = await secureServer(t, (_, response) =>
      response.writeHead(status, { location: `https://receiver.test:${target.port}/` }).end(),
    )
    t.strictSame(
      await send({ method: 'GET', url: `https://receiver.test:${port}/` }, world({ port })),
      { outcome: 'refused', reason: 'redirected' },
      String(status),
    )
  }

  t.equal(target.connections(), 0)
})

t.test('an answer may have as many bytes as are allowed, and no more', async (t) => {
  const outcomeOf = async (bytes: number, head: Record<string, string> = {}) => {
    const { port } = await secureServer(t, (_, response) =>
      response.writeHead(200, head).end(Buffer.alloc(bytes)),
    )
    return send({ method: 'GET', url: `https://receiver.test:${port}/` }, world({ port }))
  }

  const largest = await outcomeOf(answerBytesMax)
  t.equal(textOf(largest).length, answerBytesMax)
  t.match(await outcomeOf(answerBytesMax + 1), { reason: 'answer_too_large' })
  t.match(await outcomeOf(0, { 'x-a': 'a'.repeat(headBytesMax - 500) }), { status: 200 })
  t.match(await outcomeOf(0, { 'x-a': 'a'.repeat(headBytesMax) }), { reason: 'head_too_large' })
})

/** What a hostile host writes once it was asked; it goes on with the last part for as long as somebody listens. */
const hostile: [string, string[], OutboundRefusal, 'endless'?][] = [
  ['an answer without end', ['HTTP/1.1 200 OK\r\n\r\n', 'a'.repeat(4096)], 'answer_too_large', 'endless'],
  [
    'small chunks without end',
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\na\r\n'.repeat(500)],
    'answer_too_large',
    'endless',
  ],
  ['a head without end', ['HTTP/1.1 200 OK\r\n', 'X-A: b\r\n'.repeat(50)], 'head_too_large', 'endless'],
  ['a header without end', ['HTTP/1.1 200 OK\r\nX-A: ', 'a'.repeat(4096)], 'head_too_large', 'endless'],
  ['interim answers without end', ['HTTP/1.1 100 Continue\r\n\r\n'], 'head_too_large', 'endless'],
  ['a redirect without end', ['HTTP/1.1 302 Found\r\n\r\n', 'a'.repeat(4096)], 'redirected', 'endless'],
  ['no HTTP', ['SSH-2.0-OpenSSH_9.2\r\n'], 'answer_malformed'],
  ['another protocol', ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n'], 'answer_malformed'],
  ['half of an answer', ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'], 'answer_malformed'],
  ['half of a head', ['HTTP/1.1 200 OK\r\nContent-'], 'connection_failed'],
  [
    'two lengths',
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    'answer_malformed',
  ],
  ['nothing', [''], 'connection_failed'],
]
for (const [what, parts, reason, endless] of hostile) {
  t.test(`a host that answers with ${what} is refused: ${reason}`, async (t) => {
    const { port, closed } = await rawServer(t, (socket) => {
      socket.once('data', () => {
        for (const part of parts) socket.write(part)
        const again = () => socket.writable && socket.write(parts.at(-1) ?? '', () => setImmediate(again))
        if (endless) again()
        else socket.end()
      })
    })

    const outcome = await send({ method: 'GET', url: `https://receiver.test:${port}/` }, world({ port }))

    t.strictSame(outcome, { outcome: 'refused', reason })
    await closed()
  })
}

t.test('ten seconds are for all of it: the name, the handshake, the head and the body', async (t) => {
  const overAt = async (moment: (over: () => void) => Partial<Outbound> & { port: number }) => {
    const over = new AbortController()
    const asked: number[] = []
    const { port, ...rest } = moment(() => over.abort())
    const deadline = (milliseconds: number) => {
      asked.push(milliseconds)
      return over.signal
    }
    const outcome = await send(
      { method: 'POST', url: `https://receiver.test:${port}/`, body: 'a' },
      { ...world({ port }), deadline, ...rest },
    )
    t.strictSame(asked, [exchangeMillisecondsMax])
    return outcome
  }
  let over = () => {}
  const mute = await listening(
    t,
    createServer((socket) => socket.once('data', () => over())),
  )
  const head = await rawServer(t, (socket) => socket.write('HTTP/1.1 200 OK\r\nX-', () => over()))
  const body = await rawServer(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\na', () => setImmediate(over)))
  })
  const overLater = (port: number) => (call: () => void) => {
    over = call
    return { port }
  }

  const outcomes = [
    await overAt((call) => ({ port: 443, resolve: () => (setImmediate(call), new Promise(() => {})) })),
    await overAt(overLater(mute.port)),
    await overAt(overLater(head.port)),
    await overAt(overLater(body.port)),
  ]

  for (const outcome of outcomes) t.strictSame(outcome, { outcome: 'refused', reason: 'too_slow' })
  await Promise.all([mute.closed(), head.closed(), body.closed()])
})

t.test('a host that always has one more byte does not win time by it', async (t) => {
  const { port, closed } = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    const drip = setInterval(() => socket.write('a'), 5)
    socket.on('close', () => clearInterval(drip))
  })

  const outcome = await send(
    { method: 'GET', url: `https://receiver.test:${port}/` },
    { ...world({ port }), deadline: () => AbortSignal.timeout(200) },
  )

  t.strictSame(outcome, { outcome: 'refused', reason: 'too_slow' })
  await closed()
})

t.test('an answer without a length that ends in a reset is not taken for a whole one', async (t) => {
  const { port } = await plainServer(t, (request, response) => {
    request.socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => request.socket.resetAndDestroy())
    response.detachSocket(request.socket)
  })
  const policy = { privateOrigins: [`http://127.0.0.1:${port}`] }

  const outcome = await send({ method: 'GET', url: `http://127.0.0.1:${port}/` }, world({ policy }))

  t.equal(outcome.outcome, 'refused')
})

t.test('a proxy of the environment is not asked', async (t) => {
  const { port } = await plainServer(t, (_, response) => response.end('direct'))
  const proxy = await plainServer(t, (_, response) => response.end('proxied'))
  const at = `http://127.0.0.1:${proxy.port}`
  const program = `
    import { get } from 'node:http'
    import { text } from 'node:stream/consumers'
    import { send, publicInternet } from ${JSON.stringify(new URL('../../src/platform/outbound.ts', import.meta.url))}
    const url = 'http://127.0.0.1:${port}/'
    const policy = { ...publicInternet, privateOrigins: ['http://127.0.0.1:${port}'] }
    const outcome = await send({ method: 'GET', url }, { policy, deadline: AbortSignal.timeout, resolve: async () => [] })
    const got = new Promise((resolve) => get(url, resolve))
    console.log(JSON.stringify([String(outcome.body), await text(await got)]))`

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: at, http_proxy: at, HTTPS_PROXY: at },
  })

  t.strictSame(JSON.parse(stdout), ['direct', 'proxied'], 'while the agent of Node does ask it')
})

t.test('names are resolved by the DNS, both kinds of address at once', async (t) => {
  const dns = createSocket('udp4', (question, from) => dns.send(answerTo(question), from.port, from.address))
  dns.bind(0, '127.0.0.1')
  await once(dns, 'listening')
  t.teardown(() => dns.close())
  const resolve = dnsResolver([`127.0.0.1:${dns.address().port}`])
  const { signal } = new AbortController()

  t.strictSame([...(await resolve('receiver.test', signal))].sort(), ['192.0.2.7', '2001:db8::7'])
  t.strictSame(await resolve('missing.test', signal), [])
  t.strictSame(await resolve('localhost', signal), [], 'the hosts file is not read')
})

t.test('a name server that says nothing is given up with the exchange', async (t) => {
  const over = new AbortController()
  const dns = createSocket('udp4', () => over.abort())
  dns.bind(0, '127.0.0.1')
  await once(dns, 'listening')
  t.teardown(() => dns.close())

  const resolve = dnsResolver([`127.0.0.1:${dns.address().port}`])
  const outbound = { ...world({ policy: publicInternet, resolve }), deadline: () => over.signal }

  const outcome = await send({ method: 'GET', url: 'https://receiver.test/' }, outbound)
  t.strictSame(outcome, { outcome: 'refused', reason: 'too_slow' })
})

t.test('a host without an address, or a resolver that fails, is a name that is not resolved', async (t) => {
  const request = { method: 'GET', url: 'https://receiver.test/' } as const
  const failing = async () => Promise.reject(new Error('SERVFAIL receiver.test'))

  for (const resolve of [async () => [], failing]) {
    const outcome = await send(request, world({ policy: publicInternet, resolve }))
    t.strictSame(outcome, { outcome: 'refused', reason: 'name_not_resolved' })
  }
})

t.test('each refusal is a sentence that holds nothing of the request', async (t) => {
  for (const sentence of Object.values(outboundRefusals)) t.match(sentence, /^[A-Z][^{}$@]+\.$/)
})

type Options = { port?: number; policy?: Partial<NetworkPolicy>; resolve?: Outbound['resolve'] }

function world({ port = 443, policy, resolve = async () => ['127.0.0.1'] }: Options) {
  const lookUps: string[] = []
  return {
    lookUps,
    policy: {
      isPublic: (address: string) => address === '127.0.0.1',
      ports: [port],
      privateOrigins: [],
      authorities: [receiver.cert],
      ...policy,
    },
    resolve: (name: string, signal: AbortSignal) => {
      lookUps.push(name)
      return resolve(name, signal)
    },
    deadline: (milliseconds: number) => AbortSignal.timeout(milliseconds),
  }
}

function textOf(outcome: Awaited<ReturnType<typeof send>>): string {
  return outcome.outcome === 'answered' ? outcome.body.toString() : outcome.reason
}

type Listening = { port: number; connections(): number; closed(): Promise<unknown> }

async function listening(
  t: Test,
  server: Server,
  at = { address: '127.0.0.1', port: 0 },
): Promise<Listening> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  server.listen(at.port, at.address)
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.length,
    // The test fails by its time limit when a connection is left open.
    closed: () => Promise.all(sockets.map(async (socket) => socket.closed || once(socket, 'close'))),
  }
}

const plainServer = (t: Test, answer: RequestListener) => listening(t, createHttpServer(answer))

/** Speaks TLS, and below it whatever the test writes. */
function rawServer(t: Test, onConnection: (socket: TLSSocket) => void) {
  return listening(
    t,
    createTlsServer(receiver, (socket) => onConnection(socket.on('error', () => {}))),
  )
}

async function secureServer(t: Test, answer: RequestListener, at?: { address: string; port: number }) {
  const requests: Record<string, unknown>[] = []
  const http = createHttpServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      requests.push({
        serverName: (request.socket as TLSSocket).servername,
        host: request.headers.host,
        length: request.headers['content-length'],
        encoding: request.headers['accept-encoding'],
        body: Buffer.concat(parts).toString(),
      })
      answer(request, response)
    })
  })
  const server = createTlsServer(receiver, (socket) => http.emit('connection', socket))
  server.on('tlsClientError', () => {})
  return { ...(await listening(t, server, at)), requests }
}

/** RFC 1035: the question again, and one address if the name begins with r; otherwise NXDOMAIN. */
function answerTo(question: Buffer): Buffer {
  const end = question.indexOf(0, 12) + 5
  const isKnown = question[13] === 'r'.charCodeAt(0)
  const type = question[end - 3]
  const head = Buffer.from(question.subarray(0, 12))
  head.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(isKnown ? 1 : 0, 6)
  head.writeUInt16BE(0, 10)
  const address = type === 1 ? 'c0000207' : '20010db8000000000000000000000007'
  const record = `c00c00${type === 1 ? '01' : '1c'}000100000001${type === 1 ? '0004' : '0010'}${address}`
  return Buffer.concat([head, question.subarray(12, end), Buffer.from(isKnown ? record : '', 'hex')])
}
