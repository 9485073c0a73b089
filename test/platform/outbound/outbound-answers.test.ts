/** The answer of a host, and its duration, cost the service no more than its limits. */
import { createServer } from 'node:net'
import t from 'tap'
import {
  answerBytesMax,
  exchangeMillisecondsMax,
  headBytesMax,
  send,
  type Outbound,
  type OutboundRefusal,
} from '../../../src/platform/outbound/outbound.ts'
import { listening, plainServer, rawServer, secureServer, textOf, world } from '../../fixtures/far-ends.ts'

t.test('an outbound answer may have the maximum size and no byte more', async (t) => {
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

/** What a hostile host sends after a request; it repeats the last part while the connection is open. */
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

t.test('ten seconds is the limit for look-up, handshake, head and body together', async (t) => {
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

t.test('a host that sends byte by byte does not extend the time limit', async (t) => {
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

t.test('an answer that ends with a reset is not accepted as complete', async (t) => {
  const { port } = await plainServer(t, (request, response) => {
    request.socket.write('HTTP/1.1 200 OK\r\n\r\nhalf', () => request.socket.resetAndDestroy())
    response.detachSocket(request.socket)
  })
  const policy = { privateOrigins: [`http://127.0.0.1:${port}`] }

  const outcome = await send({ method: 'GET', url: `http://127.0.0.1:${port}/` }, world({ policy }))

  t.equal(outcome.outcome, 'refused')
})
