/**
 * The hand-tuned limit: what one process can do at best for the same answers, byte for byte. Plain node:http, pipelined and
 * corked connections, named statements, PostgreSQL's text written straight into JSON text. It checks nothing: no token, no
 * policy, no input, no quota. So it sends no `ratelimit` headers; all others are those of the service.
 */
import { hash, createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { openClients } from './limit/client.ts'
import { organisation, organisations } from './limit/organisations.ts'
import { pageOf, type Listed, type Page } from './limit/pages.ts'
import { pact } from './limit/pacts.ts'
import { register } from './limit/registrations.ts'
import { visits } from './limit/visits.ts'

/** As many of each as the design's measurements found best. */
const readConnections = 2
const writeConnections = 4

export async function startLimit(url: string, port: number) {
  const [reader, writer, organisationOf] = await Promise.all([
    openClients(url, readConnections),
    openClients(url, writeConnections),
    knownCallers(url),
  ])
  const own = ({ headers }: IncomingMessage) =>
    headers.authorization === undefined ? undefined : organisationOf(headers.authorization)

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = request.url as string
    if (request.method === 'POST') return registering(request, response)
    const [, , collection, id] = url.split(/[/?]/, 4) as [string, string, string, string]
    if (url.includes('?')) {
      const listed = listedIn(url)
      const list = collection === 'visits' ? visits : organisations
      return sendPage(request, response, listed, await list(reader.next(), listed))
    }
    const read = collection === 'pacts' ? pact : organisation
    const found = await read(reader.next(), id, own(request))
    if (!found) return void response.writeHead(404).end()
    send(request, response, found.body, etagOf(found.body, found.version))
  }

  const registering = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const requestId = randomUUID()
    const key = request.headers['idempotency-key'] as string
    const { body, location } = await register(writer.next(), {
      body: Buffer.concat(chunks).toString(),
      key,
      requestId,
    })
    response.writeHead(201, [
      'request-id',
      requestId,
      'x-content-type-options',
      'nosniff',
      'location',
      location,
      'cache-control',
      'private, no-store',
      'content-type',
      json,
      'content-length',
      String(Buffer.byteLength(body)),
    ])
    response.end(body)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await Promise.all([reader.close(), writer.close()])
    },
  }
}

const json = 'application/json; charset=utf-8'

/** Whose each token is, read once: a token is not looked up for a request. */
async function knownCallers(url: string): Promise<(authorization: string) => string | undefined> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query<{ hash: string; organisation: string }>(
    `select encode(hash, 'hex') as hash, mandates.organisation_id as organisation
     from tokens join mandates using (delegate_id) where mandates.status = 'active'`,
  )
  await client.end()
  const byHash = new Map(rows.map((row) => [row.hash, row.organisation]))
  const known = new Map<string, string | undefined>()
  return (authorization) => {
    if (!known.has(authorization)) {
      const secret = authorization.replace('Bearer ', '')
      known.set(authorization, byHash.get(createHash('sha256').update(secret).digest('hex')))
    }
    return known.get(authorization)
  }
}

function listedIn(url: string): Listed {
  const query = Object.fromEntries(new URLSearchParams(url.slice(url.indexOf('?'))))
  return { query, limit: Number(query['limit']) }
}

function sendPage(request: IncomingMessage, response: ServerResponse, listed: Listed, page: Page): void {
  const { body, link } = pageOf(request.url as string, listed, page)
  send(request, response, body, etagOf(body), link)
}

function etagOf(body: string, version?: string): string {
  // The service hashes the text that has one character for each byte.
  const mark = hash('sha1', Buffer.from(body).toString('latin1'), 'base64url').slice(0, 12)
  return version === undefined ? `"${mark}"` : `"${version}.${mark}"`
}

function send(
  { headers }: IncomingMessage,
  response: ServerResponse,
  body: string,
  etag: string,
  link?: string,
): void {
  const head = ['request-id', randomUUID(), 'x-content-type-options', 'nosniff']
  if (link !== undefined) head.push('link', link)
  if (headers.authorization === undefined)
    head.push('cache-control', 'public, no-cache', 'vary', 'authorization')
  else head.push('cache-control', 'private, no-store')
  head.push('etag', etag)
  if (headers['if-none-match'] === etag) return void response.writeHead(304, head).end()
  head.push('content-type', json, 'content-length', String(Buffer.byteLength(body)))
  response.writeHead(200, head).end(body)
}

if (import.meta.main) await startLimit(process.env['DATABASE_URL'] as string, Number(process.env['PORT']))
