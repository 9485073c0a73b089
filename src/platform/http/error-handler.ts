/** Turns whatever was thrown into a problem, and a problem into an answer. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { randomId } from '../ids.ts'
import { notJson } from './json-bodies.ts'
import {
  bodyTooLarge,
  busy,
  conflict,
  expectationFailed,
  headersTooLarge,
  invalid,
  malformed,
  Problem,
  problemOfConstraint,
  tooSlow,
  unexpected,
  unsupportedMediaType,
  type Fault,
} from '../problems.ts'
import { withoutSecret } from '../secrets.ts'
import { codeOf, constraintOf, isUnavailable } from '../database/sqlstate.ts'
import { refuseInTurn } from './turns.ts'
import { dropUnreadBytes } from './unread-bodies.ts'

const retrySeconds = 2

const refusalByFastifyCode: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_EMPTY_TYPE: unsupportedMediaType,
  FST_ERR_CTP_INVALID_JSON_BODY: () => malformed(notJson),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    malformed(
      'Content-Length does not fit the body. Send the number of its bytes, or leave the header to your client.',
    ),
  FST_ERR_BAD_URL: () => malformed('The URL cannot be decoded. Percent-encode it as UTF-8.'),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    malformed('A part of the URL is too long. Use the addresses that the service gave you.'),
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const constraint = constraintOf(error)
  const named = constraint && problemOfConstraint(constraint)
  if (named) return named
  const code = codeOf(error) ?? ''
  const known = refusalByFastifyCode[code]
  if (known) return known()
  if (isUnavailable(error)) return busy(undefined, { retryAfterSeconds: retrySeconds })
  // Contended rows that lost twice.
  if (code === '40001' || code === '40P01') return busy(undefined, { retryAfterSeconds: retrySeconds })
  if (/^23(505|P01|503)$/.test(code)) return conflict()
  if (/^(22|23514)/.test(code)) return invalid('A value is outside of what can be stored.')
  return isClientError(error) ? malformed() : unexpected()
}

const isClientError = (error: unknown): boolean => {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' && status >= 400 && status < 500
}

export function answerProblem(reply: FastifyReply, problem: Problem, publicUrl: string): FastifyReply {
  const { kind, extras } = problem
  if (extras.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(extras.retryAfterSeconds))
  if (kind.status === 401) void reply.header('www-authenticate', 'Bearer realm="solidarity-pact"')
  return reply
    .code(kind.status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send(bodyOf(problem, reply.request, publicUrl))
}

/** For addresses that Fastify refuses before it looks for a route, such as those that cannot be decoded. */
export const refuseAddress =
  (publicUrl: string) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.header('request-id', request.id)
    void answerProblem(reply, problemOf(error), publicUrl)
  }

/** For what is no HTTP at all, too slow, or too much of it: there is no request yet, only a socket to answer on. */
export const refuseBytes =
  (publicUrl: string) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    refuseInTurn(socket, () => refuse(error, socket, publicUrl))
  }

function refuse(error: { code?: string }, socket: Socket, publicUrl: string): void {
  const problem =
    refusalByParserCode[error.code ?? '']?.() ??
    malformed('The bytes received are not HTTP/1.1. Send the request with an HTTP client.')
  const { status, headers, body } = earlyAnswer(problem, '/', publicUrl)
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
  dropUnreadBytes(socket)
}

/** For an Expect header with anything but 100-continue, which Node answers by itself, without a body. */
export const refuseExpectation =
  (publicUrl: string) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { status, headers, body } = earlyAnswer(expectationFailed(), request.url ?? '/', publicUrl)
    response.writeHead(status, headers).end(body)
  }

/** What answers before there is a request for Fastify. The connection is closed after it. */
function earlyAnswer(problem: Problem, url: string, publicUrl: string) {
  const request = { id: randomId(), url }
  const body = JSON.stringify(bodyOf(problem, request, publicUrl))
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'Request-Id': request.id,
    Connection: 'close',
  }
  return { status: problem.kind.status, headers, body }
}

const refusalByParserCode: Readonly<Record<string, () => Problem>> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  HPE_INVALID_METHOD: () =>
    malformed(
      'What was sent does not begin with a method of HTTP/1.1. Send the request with an HTTP client, and one of the methods that the contract lists: GET, POST, PUT, PATCH, DELETE.',
    ),
  ERR_HTTP_REQUEST_TIMEOUT: tooSlow,
}

function bodyOf({ kind, detail, extras }: Problem, request: { id: string; url: string }, publicUrl: string) {
  const { retryAfterSeconds: _inHeader, errors, ...members } = extras
  return {
    type: `${publicUrl}/problems/${kind.code}`,
    title: kind.title,
    status: kind.status,
    detail,
    instance: withoutSecret(request.url.split('?', 1)[0] as string),
    code: kind.code,
    requestId: request.id,
    ...(errors && { errors: errors.map(reportedFault) }),
    ...members,
  }
}

/** The names in a fault are the client's own, and may be a secret that was sent in the wrong place. */
const reportedFault = ({ pointer, parameter, ...fault }: Fault): Fault => ({
  ...(pointer !== undefined && { pointer: withoutSecret(pointer) }),
  ...(parameter !== undefined && { parameter: withoutSecret(parameter) }),
  ...fault,
})
