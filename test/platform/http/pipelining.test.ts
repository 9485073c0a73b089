import t, { type Test } from 'tap'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { refuseAfterQueued, limitPipelining } from '../../../src/platform/http/pipelining.ts'
import { cloneDatabase } from '../../databases.ts'
import { pipeliningAttack } from '../../fixtures/pipelining-attack.ts'
import { generous } from '../../harness.ts'
import { startService, type Service } from '../../start/service.ts'

const get = (url: string, ...headers: string[]) =>
  ['GET ' + url + ' HTTP/1.1', 'Host: x', ...headers, '', ''].join('\r\n')
const post = (url: string, body: string) =>
  [`POST ${url} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`, '', body].join('\r\n')

/** Accepted connections, so that their next writes arrive in one turn of the event loop. */
async function connections(t: Test, count: number, handle: RequestListener, fair = true) {
  const server = createServer(handle)
  if (fair) limitPipelining(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const accepted = once(server, 'connection')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    sockets.push(socket)
    await Promise.all([accepted, once(socket, 'connect')])
  }
  return { server, sockets }
}

/** The sockets, in the order of their answers. */
async function answeredSockets(t: Test, fair: boolean): Promise<(number | undefined)[]> {
  const answered: (number | undefined)[] = []
  const handle: RequestListener = (request, response) => {
    answered.push(request.socket.remotePort)
    response.end('x')
  }
  const { sockets } = await connections(t, 5, handle, fair)

  for (const socket of sockets) socket.write(get('/').repeat(19) + get('/', 'Connection: close'))
  await Promise.all(sockets.map(text))

  return answered
}

const timesInARow = (sockets: readonly unknown[]): number =>
  sockets.filter((socket, i) => i > 0 && socket === sockets[i - 1]).length

t.test(
  'a connection with pipelined requests does not get two turns while other connections wait',
  async (t) => {
    const [fair, unfair] = [await answeredSockets(t, true), await answeredSockets(t, false)]

    t.same([fair.length, unfair.length], [100, 100])
    t.ok(timesInARow(fair) < 20, 'but where the others have got theirs')
    t.equal(timesInARow(unfair), 95, 'without turns each connection is answered to its end')
  },
)

t.test('pipelined requests run one after the other, in order', async (t) => {
  const log: string[] = []
  const pending: (() => void)[] = []
  const { sockets } = await connections(t, 1, (request, response) => {
    log.push(`begin ${request.url}`)
    const end = () => {
      log.push(`end ${request.url}`)
      response.end(request.url)
    }
    if (request.url === '/slow') pending.push(end)
    else request.resume().on('end', end)
  })
  const [socket] = sockets as [Socket]

  socket.write(get('/slow') + post('/body', 'abc') + get('/last', 'Connection: close'))
  while (pending.length === 0) await new Promise(setImmediate)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  t.same(log, ['begin /slow'])
  pending[0]?.()
  const answers = await text(socket)

  t.same(log, ['begin /slow', 'end /slow', 'begin /body', 'end /body', 'begin /last', 'end /last'])
  t.match(answers, /\/slow[^]*\/body[^]*\/last$/)
})

t.test('a pipelined body that arrives late is read in its turn', async (t) => {
  const bodies: string[] = []
  const { sockets } = await connections(t, 1, (request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      response.end('x')
    })
  })
  const [socket] = sockets as [Socket]
  const long = 'y'.repeat(300_000)
  const second = post('/second', long)

  socket.write(post('/first', 'abc') + second.slice(0, 1000))
  while (bodies.length === 0) await new Promise(setImmediate)
  socket.write(second.slice(1000) + get('/third', 'Connection: close'))
  await text(socket)

  t.same(bodies, ['abc', long, ''])
})

t.test('requests behind the last one of a connection are not carried out', async (t) => {
  const asked: string[] = []
  const { sockets, server } = await connections(t, 1, (request, response) => {
    asked.push(request.url ?? '')
    setImmediate(() => response.end('x'))
  })
  server.on('clientError', (_error, socket: Socket) => refuseAfterQueued(socket, () => socket.destroy()))
  const [socket] = sockets as [Socket]

  socket.write(get('/one') + get('/two', 'Connection: close') + get('/three'))
  await text(socket)

  t.same(asked, ['/one', '/two'])
})

t.test('a flood of pipelined requests waits in the network, not in memory', async (t) => {
  let begun = 0
  let finish: (() => void) | undefined
  const { sockets, server } = await connections(t, 1, (_request, response) => {
    begun++
    finish ??= () => response.end()
  })
  const [socket] = sockets as [Socket]
  let seen = 0
  server.prependListener('request', () => seen++)

  const flood = get('/flood').repeat(1_000_000)
  socket.write(flood)
  while (!finish) await new Promise(setImmediate)
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)

  t.equal(begun, 1)
  t.ok(seen < 50_000, `${seen} of a million requests were read`)
})

/** With the usual quotas most get a 429; without them all get a full answer. */
const attacked = {
  usual: ['/openapi.json', '/problems', '/docs/reader.js', '/v1/nothing', '/livez', '/v1/organisations'],
  unlimited: ['/openapi.json', '/problems/not_found', '/v1/nothing'],
}

t.test('other clients are answered within 200 ms while 100 sockets pipeline 20 requests each', async (t) => {
  const database = await cloneDatabase()
  t.teardown(() => database.drop())
  const settings = {
    DATABASE_URL: database.url,
    SIGNING_KEY_FILE: path.join(t.testdir(), 'receipts.pem'),
  }

  const usual = await startService(t, settings)
  for (const url of attacked.usual) await withstands(t, usual, url)
  const unlimited = await startService(t, { ...settings, ...generous })
  for (const url of attacked.unlimited) await withstands(t, unlimited, url)
})

/** Other work on this machine can delay any answer. A delay by the service itself occurs in every round. */
async function withstands(t: Test, service: Service, url: string): Promise<void> {
  const port = Number(new URL(service.url).port)
  let best = Infinity
  for (let round = 0; round < 15 && best >= 200; round++) {
    const attack = pipeliningAttack({ port, path: url, sockets: 100, requests: 20 })
    const [slowest, answers] = await Promise.all([slowestProbe(service, attack), attack])
    t.equal(answers, 2000, `${url}: every request was answered`)
    best = Math.min(best, slowest)
  }
  t.ok(best < 200, `${url}: the slowest probe took ${Math.round(best)} ms`)
}

/** The times, in milliseconds, of all probes that are sent one after the other until the attack ends. */
async function slowestProbe(service: Service, attack: Promise<unknown>): Promise<number> {
  let over = false
  void attack.finally(() => (over = true))
  let slowest = 0
  while (!over) {
    const startedAt = performance.now()
    await (await fetch(`${service.url}/livez`)).arrayBuffer()
    slowest = Math.max(slowest, performance.now() - startedAt)
  }
  return slowest
}
