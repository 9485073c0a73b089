import type { FastifyReply, FastifyRequest } from 'fastify'
import { openCursor, bindCursor, type ListQuery, type Page } from '../wire/cursors.ts'
import { holdsSecret } from '../secrets.ts'

/** Sends a page, with the address of the next page in a Link header (RFC 8288). */
export function sendPage<Row>(request: FastifyRequest, reply: FastifyReply, page: Page<Row>): FastifyReply {
  if (page.nextCursor === null) return reply.send(page)
  const nextCursor = bindCursor(page.nextCursor, listQueryOf(request))
  const [path, search = ''] = request.url.split('?', 2) as [string, string?]
  const parameters = new URLSearchParams(search)
  parameters.delete('cursor')
  // Left out if a parameter contains a secret by mistake; the cursor in the body is enough.
  if (![...parameters.values()].some(holdsSecret)) {
    parameters.set('cursor', nextCursor)
    void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`)
  }
  return reply.send({ ...page, nextCursor })
}

/** Checks that `sendPage` made the cursor of this request for this list, and removes the binding. */
export function acceptCursor(request: FastifyRequest): void {
  const query = request.query as { cursor?: string }
  if (query.cursor === undefined) return
  request.query = { ...query, cursor: openCursor(query.cursor, listQueryOf(request)) }
}

const listQueryOf = (request: FastifyRequest): ListQuery => ({
  route: request.routeOptions.url ?? '',
  params: request.params,
  query: request.query as Record<string, unknown>,
})

/** Sends a created resource: 201 with its address. */
export function sendCreated<Body extends object>(
  reply: FastifyReply,
  location: string,
  body: Body,
): FastifyReply {
  return reply.code(201).header('location', location).send(body)
}
