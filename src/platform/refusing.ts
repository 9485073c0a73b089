/** Turns whatever was thrown into a problem, and a problem into an answer. */
import type { FastifyReply } from 'fastify'
import {
  bodyTooLarge,
  busy,
  conflict,
  invalid,
  malformed,
  Problem,
  problemOfConstraint,
  unexpected,
  unsupportedMediaType,
} from './problems.ts'
import { codeOf, constraintOf, isUnavailable } from './sqlstate.ts'

const retrySeconds = 2

const refusalByFastifyCode: Readonly<Record<string, () => Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_BODY_TOO_LARGE: bodyTooLarge,
  FST_ERR_CTP_EMPTY_JSON_BODY: () => malformed('The body is empty. Send a JSON object.'),
  FST_ERR_CTP_EMPTY_TYPE: unsupportedMediaType,
  FST_ERR_CTP_INVALID_JSON_BODY: () => malformed('The body is not well-formed JSON.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => malformed('Content-Length does not fit the body.'),
  FST_ERR_BAD_URL: () => malformed('The URL cannot be decoded.'),
  FST_ERR_MAX_PARAM_LENGTH: () => malformed('The URL is too long.'),
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
  const { kind, detail, extras } = problem
  const { retryAfterSeconds, ...members } = extras
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  if (kind.status === 401) void reply.header('www-authenticate', 'Bearer realm="solidarity-pact"')
  return reply
    .code(kind.status)
    .type('application/problem+json')
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send({
      type: `${publicUrl}/problems/${kind.code}`,
      title: kind.title,
      status: kind.status,
      detail,
      instance: reply.request.url.split('?', 1)[0],
      code: kind.code,
      requestId: reply.request.id,
      ...members,
    })
}
