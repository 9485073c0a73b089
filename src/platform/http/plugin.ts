/** What every route gets automatically: caller, validated input, problems, ETags, rate limits and Request-Id. */
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySerializerCompiler,
  RouteOptions,
} from 'fastify'
import fp from 'fastify-plugin'
import {
  admit,
  callerOf,
  noCredential,
  type Access,
  type Caller,
  type Credential,
  type Identify,
} from '../access.ts'
import type { ActionContext, LockAuthority } from '../actions/action-context.ts'
import type { Clock } from '../clock.ts'
import type { Database } from '../database/database.ts'
import { openCors } from './cors.ts'
import { finishAnswer, isJson, isRead, sendJson } from './answers.ts'
import { idempotencyKeyIn, onceFor, type Once } from '../actions/idempotency.ts'
import { answerProblem, problemOf } from './error-handler.ts'
import type { Counting } from './counts.ts'
import { openLimits, type Quotas } from './limits.ts'
import { readOnlyJson } from './json-bodies.ts'
import { acceptCursor } from './responses.ts'
import { acceptedType } from './negotiation.ts'
import { malformed, methodNotAllowed, routeNotFound, type Problem } from '../problems.ts'
import { rlsContextOf } from '../database/rls-context.ts'
import { serializerOf } from './serialization.ts'
import { validate } from './validation.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** Whether the operation accepts an Idempotency-Key. */
    idempotent?: boolean
    /** Whether the operation requires If-Match, or accepts it if the resource may not exist yet. */
    ifMatch?: boolean | 'optional'
    /** Whether the operation accepts If-None-Match, to write only if nothing exists yet. */
    ifNoneMatch?: boolean
    /** Whether the body contains a one-time secret. */
    spendsSecret?: boolean
    /** Whether the answer is a page of a list, with a Link header to the next one. */
    list?: boolean
    /** Whether the route is left out of the contract, such as health and docs. */
    hidden?: boolean
    /** The media types of the answer, the preferred one first. By default JSON. */
    offers?: readonly string[]
    /** Whether the route is a health probe, which has no rate limit. */
    probe?: boolean
  }
  interface FastifyRequest {
    caller: Caller
    credential: Credential
    context: ActionContext
  }
}

export type HttpOptions = {
  database: Database
  clock: Clock
  identify: Identify
  lockAuthority: LockAuthority
  publicUrl: string
  quotas: Quotas
  /** Where requests are counted for several processes; by default in this one. */
  counting?: Counting | undefined
  corsOrigins: readonly string[]
}

export const http = fp(async (app: FastifyInstance, options: HttpOptions) => {
  const { database, clock, identify, lockAuthority } = options
  const limits = openLimits(options.quotas, clock, options.counting)
  const cors = openCors(options.corsOrigins)
  app.decorateRequest('caller')
  app.decorateRequest('credential')
  app.decorateRequest('context')
  readOnlyJson(app)
  // Validation happens in the hook below, with all faults at once; Fastify itself checks nothing.
  // Given a value back, it would write null where no body was sent.
  app.setValidatorCompiler(() => () => true)
  // Fastify hands what it gives to the hooks below, which send it.
  app.setSerializerCompiler(serializerOf as unknown as FastifySerializerCompiler<unknown>)
  app.addHook('onRoute', requireDeclarations)
  const methodsAt = collectRoutes(app)

  // Hooks that wait for nothing call back: four promises for each request are a tenth of a short one.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('request-id', request.id).header('x-content-type-options', 'nosniff')
    request.caller = { kind: 'anonymous' }
    cors.admit(request, reply)
    request.credential = noCredential
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') throw hostMissing()
    // Before the body is read: where nothing is, no body has the wrong type. And whose token it is does not matter.
    if (request.is404) {
      // Not counted: a page asks for each of its addresses, and its own requests are counted for its token.
      if (cors.answersPreflight(request, reply, methodsAt(request.url))) return
      const refuse = () => done(nothingAt(request, reply, methodsAt))
      return void after(limits.charge(request, reply, request.caller), refuse, done)
    }
    const enter = (caller: Caller): void | Promise<void> => {
      request.caller = caller
      if (request.routeOptions.config.probe) return admitted(caller)
      return after(limits.charge(request, reply, caller), () => admitted(caller))
    }
    const admitted = (caller: Caller): void => {
      const { config } = request.routeOptions
      admit(config.access as Access, caller)
      // Before the body is read and anything is changed. Documents choose among their own representations, and no header
      // may refuse an alarm.
      const isAlarm = config.urgent && !isRead(request)
      if (!config.hidden && !isAlarm) acceptedType(request.headers.accept, config.offers ?? onlyJson)
    }
    if (request.headers.authorization === undefined) {
      return void after(enter(request.caller), done, done)
    }
    callerOf(request, identify)
      .catch(async (error: unknown) => {
        if (problemOf(error).kind.status < 500) await limits.chargeBadSecret(request, reply)
        throw error
      })
      .then(({ caller, credential }) => {
        request.credential = credential
        return enter(caller)
      })
      .then(() => done(), done)
  })

  app.addHook('preHandler', (request, reply, done) => {
    validate(request)
    const { list, registers } = request.routeOptions.config
    if (list) acceptCursor(request)
    const db = database.as(rlsContextOf(request.caller))
    request.context = {
      db,
      read: db.read,
      caller: request.caller,
      now: clock().toISOString(),
      requestId: request.id,
      lockAuthority,
      once: onceOf(request),
      chargeRegistration: registers?.(request.body)
        ? () => limits.chargeRegistration(request, reply)
        : undefined,
    }
    done()
  })

  app.addHook('onSend', (request, reply, payload, done) => {
    const finished = finishAnswer(request, reply, payload)
    cors.noteVariance(reply)
    if (isJson(finished)) sendJson(reply, finished)
    else done(null, finished)
  })
  const answer = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemOf(error)
    if (problem.kind.status >= 500) request.log.error({ err: error }, 'request failed')
    return answerProblem(reply, problem, options.publicUrl)
  }
  app.setErrorHandler((error, request, reply) => {
    const spentSecret = request.routeOptions.config.spendsSecret && problemOf(error).kind.status === 410
    if (!spentSecret) return answer(error, request, reply)
    return chargedForSecret(error, request, reply).then((charged) => answer(charged, request, reply))
  })
  /** Failed one-time secrets count like failed tokens; valid ones do not count. */
  const chargedForSecret = async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    try {
      await limits.chargeBadSecret(request, reply)
      return error
    } catch (tooMany) {
      return tooMany
    }
  }
  // Makes Fastify treat unknown addresses as routes of ours, with the hooks above; they never come this far.
  app.setNotFoundHandler(async () => {
    throw routeNotFound()
  })
})

/** Goes on at once, or when what is waited for is there. */
const after = (
  counted: void | Promise<void>,
  goOn: () => void,
  failed?: (error: Error) => void,
): void | Promise<void> => (counted ? counted.then(() => goOn(), failed) : goOn())

const onlyJson = ['application/json'] as const

/** RFC 9112, section 3.2. */
const hostMissing = () => malformed('The Host header is missing. Send the name of the service in it.')

/** Stops the start if a route does not declare its access or its answers. */
function requireDeclarations(route: RouteOptions): void {
  if (!route.config?.access)
    throw new Error(`${String(route.method)} ${route.url} does not declare its access`)
  const hasAnswers =
    Object.keys((route.schema as { response?: object } | undefined)?.response ?? {}).length > 0
  if (!hasAnswers && !route.config.hidden) {
    throw new Error(`${String(route.method)} ${route.url} does not declare its answers`)
  }
}

function onceOf(request: FastifyRequest): Once | undefined {
  const { config, url } = request.routeOptions
  const header = request.headers['idempotency-key']
  const key = typeof header === 'string' ? idempotencyKeyIn(header) : undefined
  if (!config.idempotent || key === undefined) return undefined
  // As they were understood: ids in one case, fields in one order, whatever the spelling.
  const { method, params, query, body, credential } = request
  return onceFor({ credential, key, asked: { method, url, params, query, body } })
}

/** Returns 405 with the allowed methods of the address, or 404 if there are none. */
function nothingAt(
  request: FastifyRequest,
  reply: FastifyReply,
  methodsAt: (url: string) => string[],
): Problem {
  const methods = methodsAt(request.url)
  if (methods.length === 0) return routeNotFound()
  void reply.header('allow', methods.join(', '))
  return methodNotAllowed()
}

type KnownRoute = { method: string; pattern: RegExp }

/** Collects the registered routes. Returns a function that lists the methods of an address. */
function collectRoutes(app: FastifyInstance): (url: string) => string[] {
  const known: KnownRoute[] = []
  app.addHook('onRoute', (route) => {
    const pattern = new RegExp(`^${route.url.replace(/[.]/g, '\\.').replace(/:[A-Za-z]+/g, '[^/]+')}$`)
    for (const method of [route.method].flat()) known.push({ method, pattern })
  })
  return (url) => {
    const path = url.split('?', 1)[0] as string
    return [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))].sort()
  }
}
