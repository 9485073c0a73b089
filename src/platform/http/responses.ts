import type { FastifyReply, FastifyRequest } from 'fastify'
import { openCursor, bindCursor, type Listed, type Page } from '../wire/cursors.ts'
import { holdsSecret } from '../secrets.ts'

/** Sends a page, with the next one's address in a Link header (RFC 8288). */
export function sendPage<Row>(request: FastifyRequest, reply: FastifyReply, page: Page<Row>): FastifyReply {
  if (page.nextCursor === null) return reply.send(page)
  const nextCursor = bindCursor(page.nextCursor, listedBy(request))
  const [path, search = ''] = request.url.split('?', 2) as [string, string?]
  const parameters = new URLSearchParams(search)
  parameters.delete('cursor')
  // A secret that was searched for by mistake is not repeated: the cursor in the body leads on as well.
  if (![...parameters.values()].some(holdsSecret)) {
    parameters.set('cursor', nextCursor)
    void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`)
  }
  return reply.send({ ...page, nextCursor })
}

/** Before a handler sees it, a cursor must be one that `sendPage` gave for this very list. */
export function acceptCursor(request: FastifyRequest): void {
  const query = request.query as { cursor?: string }
  if (query.cursor === undefined) return
  request.query = { ...query, cursor: openCursor(query.cursor, listedBy(request)) }
}

const listedBy = (request: FastifyRequest): Listed => ({
  route: request.routeOptions.url ?? '',
  params: request.params,
  query: request.query as Record<string, unknown>,
})

/** Sends what was just made: 201, where it is, and its ETag. */
export function sendCreated<Body extends object>(
  reply: FastifyReply,
  location: string,
  body: Body,
): FastifyReply {
  return reply.code(201).header('location', location).send(body)
}
