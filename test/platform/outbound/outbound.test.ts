/** Which hosts may be requested, at which of their addresses, and how names are resolved. */
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { promisify } from 'node:util'
import t from 'tap'
import {
  dnsResolver,
  outboundRefusals,
  publicInternet,
  send,
  type NetworkPolicy,
  type OutboundRefusal,
} from '../../../src/platform/outbound/outbound.ts'
import { makeCertificate } from '../../certificates.ts'
import { answerTo, plainServer, secureServer, textOf, world } from '../../fixtures/far-ends.ts'

t.test('an outbound request reaches the host with its name and a verified certificate', async (t) => {
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

t.test('an outbound request looks a name up once, so DNS rebinding has no effect', async (t) => {
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

t.test('a host with one address that is not public is refused', async (t) => {
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

t.test(
  'an outbound request tries the next address if the first does not answer, up to a limit',
  async (t) => {
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
  },
)

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

t.test('an allowed private origin must match exactly', async (t) => {
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

t.test('redirects are not followed', async (t) => {
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

t.test('proxy settings of the environment are ignored', async (t) => {
  const { port } = await plainServer(t, (_, response) => response.end('direct'))
  const proxy = await plainServer(t, (_, response) => response.end('proxied'))
  const at = `http://127.0.0.1:${proxy.port}`
  const program = `
    import { get } from 'node:http'
    import { text } from 'node:stream/consumers'
    import { send, publicInternet } from ${JSON.stringify(new URL('../../../src/platform/outbound/outbound.ts', import.meta.url))}
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

t.test('names are resolved by DNS for IPv4 and IPv6 at once', async (t) => {
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

t.test('a name server that does not answer ends with the time limit of the exchange', async (t) => {
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

t.test('a host without an address and a failing resolver are reported as an unresolved name', async (t) => {
  const request = { method: 'GET', url: 'https://receiver.test/' } as const
  const failing = async () => Promise.reject(new Error('SERVFAIL receiver.test'))

  for (const resolve of [async () => [], failing]) {
    const outcome = await send(request, world({ policy: publicInternet, resolve }))
    t.strictSame(outcome, { outcome: 'refused', reason: 'name_not_resolved' })
  }
})

t.test('no outbound refusal repeats the request', async (t) => {
  for (const sentence of Object.values(outboundRefusals)) t.match(sentence, /^[A-Z][^{}$@]+\.$/)
})
