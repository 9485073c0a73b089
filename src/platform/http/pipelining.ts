/**
 * One request of a connection at a time, and each in a turn of its own. Node hands over every request that a socket has
 * sent ahead (pipelining) at once, so a few sockets could keep the event loop from everybody else, and a request that
 * changes something could overtake one sent before it (RFC 9112, section 9.3.2).
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { dropUnreadBody } from './unread-bodies.ts'

type PendingRequest = { request: IncomingMessage; response: ServerResponse }
type Waiting = { request?: IncomingMessage; run: () => void }

/** What a connection has asked: the request that is being answered, and what was sent behind it. */
type ConnectionQueue = { current: PendingRequest | undefined; waiting: Waiting[]; refused: boolean }

const queues = new WeakMap<Socket, ConnectionQueue>()

/** After so long, requests wait until timers, new connections and the database's answers had their turn. */
const turnMsMax = 10

/** Call it when the server has its listeners: it puts itself between them and what arrives. */
export function limitPipelining(server: Server): void {
  for (const event of ['request', 'checkExpectation'] as const) {
    const listeners = server.listeners(event) as RequestListener[]
    server.removeAllListeners(event)
    for (const listener of listeners) server.on(event, inTurns(listener))
  }
}

/**
 * Runs `refuse` for bytes that are no request. When they come behind complete requests, those are answered first, so that
 * the refusal is not taken for an answer to one of them. When they belong to a body that was refused before, the client
 * has its answer.
 */
export function refuseAfterQueued(socket: Socket, refuse: () => void): void {
  const line = queues.get(socket) ?? openQueue(socket)
  if (line.refused) return
  line.refused = true
  if (!line.current && line.waiting.length === 0) return refuse()
  if (line.current?.request.complete === false)
    return line.current.response.headersSent ? void socket.destroy() : refuse()
  // What is wrong is the end of the request that came last.
  if (line.waiting.at(-1)?.request?.complete === false) line.waiting.pop()
  line.waiting.push({ run: refuse })
  socket.pause()
}

const inTurns =
  (handle: RequestListener): RequestListener =>
  (request, response) => {
    const { socket } = request
    const line = queues.get(socket) ?? openQueue(socket)
    const run = () => answer({ request, response }, line, handle)
    const isFirst = !line.current && line.waiting.length === 0
    if (isFirst && timeIsLeft()) return run()
    line.waiting.push({ request, run })
    socket.pause()
    if (isFirst) waitForTurn(line, socket)
  }

function openQueue(socket: Socket): ConnectionQueue {
  const line: ConnectionQueue = { current: undefined, waiting: [], refused: false }
  queues.set(socket, line)
  socket.once('close', () => (line.waiting = []))
  // Reading a body makes Node resume the socket, also when that body is complete.
  socket.on('resume', () => {
    if (line.waiting.length > 0) socket.pause()
  })
  return line
}

function answer(asked: PendingRequest, line: ConnectionQueue, handle: RequestListener): void {
  const { request, response } = asked
  line.current = asked
  // Before Node's own listener, which may close the connection.
  response.prependOnceListener('finish', () => dropUnreadBody(request))
  response.once('close', () => {
    if (request.complete) finishRequest(line, request.socket)
    else request.once('end', () => finishRequest(line, request.socket))
  })
  handle(request, response)
}

function finishRequest(line: ConnectionQueue, socket: Socket): void {
  line.current = undefined
  // After the last answer of the connection nothing that was sent behind it is carried out.
  if (socket.writableEnded || socket.destroyed) line.waiting = []
  else if (line.waiting.length > 0) waitForTurn(line, socket)
}

const ready: (() => void)[] = []
let turnEndsAt: number | undefined

function waitForTurn(line: ConnectionQueue, socket: Socket): void {
  ready.push(() => {
    const next = line.waiting.shift()
    if (line.waiting.length === 0) socket.resume()
    next?.run()
  })
  timeIsLeft()
}

/** Whether this turn of the event loop may answer one more. The first question of a turn begins it. */
function timeIsLeft(): boolean {
  const now = performance.now()
  if (turnEndsAt === undefined) {
    turnEndsAt = now + turnMsMax
    setImmediate(beginTurn)
  }
  return now < turnEndsAt
}

/** In the order in which the connections became ready: nobody is second before others were first. */
function beginTurn(): void {
  turnEndsAt = undefined
  let taken = 0
  while (taken < ready.length && timeIsLeft()) ready[taken++]?.()
  ready.splice(0, taken)
}
