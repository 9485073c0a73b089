/** Turns thrown errors into problems, and problems into answers. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from '../node-http.ts'
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
import { refuseAfterQueued } from './pipelining.ts'
import { dropUnreadBytes } from './unread-bodies.ts'

const retrySeconds = 2

const refusalByFastifyCode: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_EMPTY_TYPE: unsupportedMediaType,
  FST_ERR_CTP_INVALID_JSON_BODY: () => malformed(notJson),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    malformed(
      'Content-Length does not match the body. Send the number of bytes, or let your HTTP client set the header.',
    ),
  FST_ERR_BAD_URL: () => malformed('The URL cannot be decoded. Percent-encode it as UTF-8.'),
  FST_ERR_MAX_PARAM_LENGTH: () =>
    malformed('A part of the URL is too long. Use the addresses from the answers of the service.'),
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
  // A conflict between transactions that a retry did not resolve.
  if (code === '40001' || code === '40P01') return busy(undefined, { retryAfterSeconds: retrySeconds })
  if (/^23(505|P01|503)$/.test(code)) return conflict()
  if (/^(22|23514)/.test(code))
    return invalid('A value is outside the range that can be stored. Send another value.')
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

/** Answers addresses that Fastify refuses before routing, such as those that cannot be decoded. */
export const refuseAddress =
  (publicUrl: string) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    void reply.header('request-id', request.id)
    void answerProblem(reply, problemOf(error), publicUrl)
  }

/** Answers bytes that are not HTTP, too slow or too many. There is no request yet, only a socket. */
export const refuseBytes =
  (publicUrl: string) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    refuseAfterQueued(socket, () => refuse(error, socket, publicUrl))
  }

function refuse(error: { code?: string }, socket: Socket, publicUrl: string): void {
  const problem =
    refusalByParserCode[error.code ?? '']?.() ??
    malformed('The received bytes are not HTTP/1.1. Send the request with an HTTP client.')
  const { status, headers, body } = earlyAnswer(problem, '/', publicUrl)
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'))
  dropUnreadBytes(socket)
}

/** Answers an Expect header other than 100-continue. By default Node answers it without a body. */
export const refuseExpectation =
  (publicUrl: string) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { status, headers, body } = earlyAnswer(expectationFailed(), request.url ?? '/', publicUrl)
    response.writeHead(status, headers).end(body)
  }

/** A problem that is not thrown. Without the stack of an error it takes a sixth less time to refuse. */
type Unthrown = Pick<Problem, 'kind' | 'detail' | 'extras'>

/** Answers a request that Fastify is not to see. The connection stays open, unless its client wants it closed. */
export function refuseEarly(
  { url = '/' }: IncomingMessage,
  response: ServerResponse,
  problem: Unthrown,
  { publicUrl, headers: more }: { publicUrl: string; headers: Readonly<Record<string, string>> },
): void {
  const { status, headers, body } = earlyAnswer(problem, url, publicUrl)
  const { Connection: _nodeDecides, ...others } = headers
  const retryAfter = String(problem.extras.retryAfterSeconds)
  response.writeHead(status, { ...others, ...more, 'Retry-After': retryAfter }).end(body)
}

/** Makes an answer for which Fastify has no request. By default the connection is closed after it. */
function earlyAnswer(problem: Unthrown, url: string, publicUrl: string) {
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
      'The request does not begin with an HTTP/1.1 method. Send it with an HTTP client and a method of the contract: GET, POST, PUT, PATCH or DELETE.',
    ),
  ERR_HTTP_REQUEST_TIMEOUT: tooSlow,
}

function bodyOf({ kind, detail, extras }: Unthrown, request: { id: string; url: string }, publicUrl: string) {
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

/** Removes secrets from the names in a fault: a client may have sent one in the wrong place. */
const reportedFault = ({ pointer, parameter, ...fault }: Fault): Fault => ({
  ...(pointer !== undefined && { pointer: withoutSecret(pointer) }),
  ...(parameter !== undefined && { parameter: withoutSecret(parameter) }),
  ...fault,
})
