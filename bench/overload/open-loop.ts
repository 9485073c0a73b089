/**
 * Sends requests at a fixed rate on a schedule. It speaks HTTP/1.1 on plain sockets, because Node's client costs more for
 * a request than the service does. One request at a time on each connection; what finds no free connection waits here.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { textOf } from '../load.ts'
import type { Request } from '../work.ts'
import { dueBy, dueMs, type Outcome } from './schedule.ts'

export type OpenLoad = {
  port: number
  requests: readonly Request[]
  ratePerSecond: number
  seconds: number
}

const connectionsMax = 1000
/** So long are answers awaited that are late when the load ends. What was not even sent by then is given up. */
const patienceMs = 10_000

type Sent = { text: string; dueMs: number }
type Lane = { socket: Socket; sent: Sent | undefined; received: string }

/** `ended` resolves at the end of the load, when answers may still be missing. */
export function sendOnSchedule(load: OpenLoad): { ended: Promise<void>; outcomes: Promise<Outcome[]> } {
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const lanes = openLanes(load.port, elapsed)
  const ended = sendAll(load, lanes.send, elapsed)
  const outcomes = ended.then(async () => {
    lanes.giveUpWaiting()
    for (const until = elapsed() + patienceMs; lanes.unanswered() > 0 && elapsed() < until;) await pause(20)
    return lanes.close()
  })
  return { ended, outcomes }
}

async function sendAll(load: OpenLoad, send: (sent: Sent) => void, elapsed: () => number): Promise<void> {
  const { ratePerSecond, seconds } = load
  const texts = load.requests.map((request) => textOf(request, load.port))
  const total = Math.floor(ratePerSecond * seconds)
  for (let n = 0; n < total;) {
    const due = Math.min(dueBy(elapsed(), ratePerSecond), total)
    for (; n < due; n++) send({ text: texts[n % texts.length] as string, dueMs: dueMs(n, ratePerSecond) })
    await pause(1)
  }
}

function openLanes(port: number, elapsed: () => number) {
  const outcomes: Outcome[] = []
  const all = new Set<Lane>()
  const free: Lane[] = []
  const waiting: Sent[] = []
  let firstWaiting = 0

  const settle = (sent: Sent, status: number | undefined, hasRetryAfter = false): void => {
    outcomes.push({ dueMs: sent.dueMs, answeredMs: elapsed(), status, hasRetryAfter })
  }
  const take = (lane: Lane, sent: Sent): void => {
    lane.sent = sent
    lane.socket.write(sent.text)
  }
  const release = (lane: Lane): void => {
    const next = waiting[firstWaiting]
    if (next === undefined) return void free.push(lane)
    firstWaiting++
    take(lane, next)
  }
  const receive = (lane: Lane, chunk: string): void => {
    lane.received += chunk
    const answer = answerIn(lane.received)
    if (!answer || !lane.sent) return
    lane.received = lane.received.slice(answer.length)
    settle(lane.sent, answer.status, answer.hasRetryAfter)
    lane.sent = undefined
    if (answer.closes) lane.socket.destroy()
    else release(lane)
  }
  const drop = (lane: Lane): void => {
    if (!all.delete(lane)) return
    if (lane.sent) settle(lane.sent, undefined)
    lane.sent = undefined
    if (free.includes(lane)) free.splice(free.indexOf(lane), 1)
    const next = waiting[firstWaiting]
    if (next === undefined) return
    firstWaiting++
    take(open(), next)
  }
  const open = (): Lane => {
    const lane: Lane = { socket: connect(port, '127.0.0.1'), sent: undefined, received: '' }
    all.add(lane)
    lane.socket.setNoDelay(true).setEncoding('latin1')
    lane.socket.on('data', (chunk: string) => receive(lane, chunk))
    lane.socket.on('error', () => undefined)
    lane.socket.on('close', () => drop(lane))
    return lane
  }
  return {
    send: (sent: Sent): void => {
      const lane = free.pop() ?? (all.size < connectionsMax ? open() : undefined)
      if (lane) take(lane, sent)
      else waiting.push(sent)
    },
    giveUpWaiting: (): void => {
      for (const sent of waiting.slice(firstWaiting)) settle(sent, undefined)
      firstWaiting = waiting.length
    },
    unanswered: () => [...all].filter(({ sent }) => sent).length,
    close: (): Outcome[] => {
      for (const lane of [...all]) {
        drop(lane)
        lane.socket.destroy()
      }
      return outcomes
    },
  }
}

type HttpAnswer = { status: number; hasRetryAfter: boolean; closes: boolean; length: number }

/** The first answer in these bytes, once it is complete. */
export function answerIn(received: string): HttpAnswer | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const head = received.slice(0, headEnd).toLowerCase()
  const length = headEnd + 4 + Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0)
  if (received.length < length) return undefined
  return {
    status: Number(head.slice(9, 12)),
    hasRetryAfter: head.includes('\r\nretry-after:'),
    closes: head.includes('\r\nconnection: close'),
    length,
  }
}
