/**
 * Refuses requests at once while as many are in progress as the process can work on. An answer that comes after its
 * client has left is wasted work, so a service that accepts every request serves fewer of them under more load.
 *
 * Requests in progress are counted, not the delay of the event loop: 256 connections that each wait for their answer delay
 * the loop as much as an overload does, but never have more than 256 requests in progress. The refusal comes before
 * Fastify, the look-up of the token and the quotas.
 */
import { randomInt } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { overloaded } from '../problems.ts'
import { openCors } from './cors.ts'
import { refuseEarly } from './error-handler.ts'

type Options = {
  requestsInProgressMax: number
  publicUrl: string
  corsOrigins: readonly string[]
}
type Route = { method: string; pattern: RegExp }

/** Between them a random number, so that those who were refused together do not come back together. */
const retrySecondsMin = 1
const retrySecondsMax = 5
/** How often the log says how many were refused. */
const reportMs = 1_000

/** Call it when the server has its listeners, and before any route is added. Probes and urgent operations are never refused. */
export function refuseOverload(app: FastifyInstance, options: Options): void {
  const { requestsInProgressMax, publicUrl, corsOrigins } = options
  const { kind } = overloaded
  const cors = openCors(corsOrigins)
  const isExempt = collectExempt(app)
  const report = reporter(app)
  let inProgress = 0
  const begin = (response: ServerResponse): void => {
    if (response.writableEnded || response.destroyed) return
    inProgress += 1
    let ended = false
    const end = () => {
      if (!ended) inProgress -= 1
      ended = true
    }
    // When the answer is written, however slowly its client reads it.
    response.once('prefinish', end).once('close', end)
  }

  const listeners = app.server.listeners('request') as RequestListener[]
  app.server.removeAllListeners('request')
  app.server.on('request', (request, response) => {
    if (inProgress >= requestsInProgressMax && !isExempt(request)) {
      report()
      const retryAfterSeconds = randomInt(retrySecondsMin, retrySecondsMax + 1)
      const problem = { kind, detail: kind.advice, extras: { retryAfterSeconds } }
      return refuseEarly(request, response, problem, { publicUrl, headers: cors.headersFor(request) })
    }
    // While a body arrives there is nothing to work on: slow clients must not look like an overload.
    if (hasBody(request)) request.once('end', () => begin(response))
    else begin(response)
    for (const listener of listeners) listener(request, response)
  })
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

function collectExempt(app: FastifyInstance): (request: IncomingMessage) => boolean {
  const exempt: Route[] = []
  app.addHook('onRoute', ({ config, method, url }) => {
    if (!config?.probe && !config?.urgent) return
    const pattern = new RegExp(`^${url.replace(/[.]/g, '\\.').replace(/:[A-Za-z]+/g, '[^/?]+')}(\\?|$)`)
    for (const one of [method].flat()) exempt.push({ method: one, pattern })
  })
  return ({ method, url = '/' }) => exempt.some((route) => route.method === method && route.pattern.test(url))
}

/** One line a second in the log, however many are refused. */
function reporter(app: FastifyInstance): () => void {
  let refused = 0
  return () => {
    if (refused++ > 0) return
    setTimeout(() => {
      app.log.warn({ refused }, 'More requests arrived than can be answered')
      refused = 0
    }, reportMs).unref()
  }
}
