import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Page } from './pages.ts'

/** Sends a page, with the next one's address in a Link header (RFC 8288). */
export function sendPage<Row>(request: FastifyRequest, reply: FastifyReply, page: Page<Row>): FastifyReply {
  if (page.nextCursor !== null) {
    const [path, search = ''] = request.url.split('?', 2) as [string, string?]
    const parameters = new URLSearchParams(search)
    parameters.set('cursor', page.nextCursor)
    void reply.header('link', `<${path}?${parameters.toString()}>; rel="next"`)
  }
  return reply.send(page)
}

/** Sends what was just made: 201, where it is, and its ETag. */
export function sendCreated<Body extends object>(
  reply: FastifyReply,
  location: string,
  body: Body,
): FastifyReply {
  return reply.code(201).header('location', location).send(body)
}
