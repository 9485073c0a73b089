/** What every answer gets when its body is known: cache headers, ETag, 304, and the way to the socket. */
import { hash } from 'node:crypto'
import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { JsonBytes } from '../wire/json-text.ts'
import { namesTag } from './entity-tags.ts'
import { restMayBeDropped } from './unread-bodies.ts'

export const isRead = (request: FastifyRequest): boolean =>
  request.method === 'GET' || request.method === 'HEAD'

/** Writes the last headers. Returns what is sent as the body. */
export function finishAnswer(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  if (request.context?.once?.replayed) void reply.header('idempotency-replayed', 'true')
  if (!reply.hasHeader('cache-control')) addCacheHeaders(request, reply)
  if (request.raw.complete === false && !restMayBeDropped(request.raw))
    void reply.header('connection', 'close')
  const json = isJson(payload) ? payload : undefined
  if (json && reply.statusCode === 204) return undefined
  const text = json ? json.bytes : payload
  if (typeof text !== 'string' || reply.statusCode >= 300 || reply.hasHeader('etag')) return payload
  if (!isRead(request) && json?.version === undefined) return payload
  const etag = etagOf(text, json?.version)
  void reply.header('etag', etag)
  if (!isRead(request) || !namesTag(request.headers['if-none-match'], etag)) return payload
  void reply.code(304).removeHeader('content-type').removeHeader('content-length')
  return ''
}

export const isJson = (payload: unknown): payload is JsonBytes =>
  typeof payload === 'object' && payload !== null && 'bytes' in payload

/**
 * Head and body leave in one write: Node joins a text with its head, but writes bytes as a piece of their own. Fastify would
 * encode the text as UTF-8 once more.
 */
export function sendJson(reply: FastifyReply, { bytes }: JsonBytes): void {
  void reply.header('content-length', String(bytes.length)).hijack()
  reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  reply.raw.end(bytes, 'latin1')
}

/** Answers to callers with a token are not cacheable. Public ones are cacheable, but must be revalidated. */
function addCacheHeaders(request: FastifyRequest, reply: FastifyReply): void {
  const isPublic = request.caller?.kind === 'anonymous' && isRead(request)
  void reply.header('cache-control', isPublic ? 'public, no-cache' : 'private, no-store')
  // A caller with a token may see more, so caches must not mix the answers.
  if (isPublic && !reply.hasHeader('vary')) void reply.header('vary', 'authorization')
}

/**
 * Makes an ETag of the version, which If-Match compares, and a hash of the body, which differs between callers and languages.
 * SHA-1 of the text costs 2.2 µs for 700 characters and 57 µs for 34,000; MD5 costs more, and so does a Buffer in between.
 */
function etagOf(text: string, version: number | undefined): string {
  const mark = hash('sha1', text, 'base64url').slice(0, 12)
  return version === undefined ? `"${mark}"` : `"${version}.${mark}"`
}
