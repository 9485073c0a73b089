/** Lets browser pages of the origins in CORS_ORIGINS call the service. */
import type { FastifyReply, FastifyRequest } from 'fastify'

const requestHeaders = [
  'Accept-Language',
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-Match',
  'If-None-Match',
  'Last-Event-ID',
].join(', ')

/** The headers that pages may read, in addition to the few that CORS always allows. */
const answerHeaders = [
  'Content-Language',
  'Deprecation',
  'ETag',
  'Idempotency-Replayed',
  'Link',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Request-Id',
  'Retry-After',
  'Sunset',
  'WWW-Authenticate',
].join(', ')

/** How long a browser may keep the answer to a preflight. Chromium keeps none longer. */
const preflightSeconds = 7200

export type Cors = ReturnType<typeof openCors>

/** Never allows credentials, because tokens are sent in a header and cookies are not used. */
export function openCors(origins: readonly string[]) {
  const allows = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
    headers.origin !== undefined && origins.includes(headers.origin)
  /** Lets a listed page read the answer, also when it is a refusal. */
  const headersFor = (request: Pick<FastifyRequest, 'headers'>): Record<string, string> =>
    allows(request)
      ? {
          'access-control-allow-origin': request.headers.origin as string,
          'access-control-expose-headers': answerHeaders,
        }
      : {}
  return {
    headersFor,

    admit: (request: FastifyRequest, reply: FastifyReply): void => {
      if (allows(request)) void reply.headers(headersFor(request))
    },

    /**
     * Answers what a browser asks before the real request, without a token, and returns true; false for any other
     * request. `methods`: what the address takes; where it takes none there is nothing to ask about.
     */
    answersPreflight: (request: FastifyRequest, reply: FastifyReply, methods: string[]): boolean => {
      const isPreflight =
        request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
      if (!isPreflight || methods.length === 0 || !allows(request)) return false
      void reply
        .code(204)
        .header('access-control-allow-methods', methods.join(', '))
        .header('access-control-allow-headers', requestHeaders)
        .header('access-control-max-age', preflightSeconds)
        .send()
      return true
    },

    /** Keeps a cache from giving one origin the answer that another one got. */
    noteVariance: (reply: FastifyReply): void => {
      if (origins.length === 0) return
      const others = reply.getHeader('vary')
      void reply.header('vary', others === undefined ? 'Origin' : `${String(others)}, Origin`)
    },
  }
}
