/** The docs page at /docs: Scalar's reader of the contract, which asks no other host for anything. */
import { createHash, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { anyone } from './access.ts'

const route = { config: { access: anyone, hidden: true } }

/** Serves the page and its one script. */
export function registerDocs(app: FastifyInstance): void {
  app.get('/docs', route, async (_request, reply) => {
    const nonce = randomBytes(16).toString('base64')
    return reply
      .header('content-security-policy', contentSecurityPolicy(nonce))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page(nonce))
  })

  app.get('/docs/', route, async (_request, reply) => reply.redirect('/docs', 308))

  let reader: Promise<Reader> | undefined
  app.get('/docs/reader.js', route, async (request, reply) => {
    reader ??= loadReader()
    return sendReader(request, reply, await reader)
  })
}

// Everything that would call out, or that belongs to an account with the makers of the reader, is off.
const readerConfiguration = {
  url: '/openapi.json',
  telemetry: false,
  withDefaultFonts: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  persistAuth: false,
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  documentDownloadType: 'direct',
  operationTitleSource: 'summary',
}

// Some parts of the reader forget the nonce when they put a stylesheet into the page.
const giveStylesTheNonce = `{
  const create = document.createElement
  const { content } = document.querySelector('meta[property=csp-nonce]')
  document.createElement = (name, options) => {
    const element = create.call(document, name, options)
    if (name === 'style') element.nonce = content
    return element
  }
}`

const start = `Scalar.createApiReference('#app', ${JSON.stringify(readerConfiguration)})`

function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<link rel="icon" href="data:,">
<title>Solidarity Pact: the API</title>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. The contract is <a href="/openapi.json">openapi.json</a>.</noscript>
<script src="/docs/reader.js"></script>
</body>
</html>
`
}

// The reader puts stylesheets into the page (hence the nonce) and sets style attributes on what it renders.
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

type Reader = {
  compressed: Buffer
  etag: string
}

// The reader comes as a Fastify plugin that serves a page of its own, with an inline script and without
// caching. Only its five megabytes of script are taken, at the first visit: the start does not pay for them.
async function loadReader(): Promise<Reader> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const carrier = Fastify()
  await carrier.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } })
  const scalarScript = await carrier.inject('/docs/js/scalar.js')
  await carrier.close()
  const script = [giveStylesTheNonce, scalarScript.body, start, ''].join('\n')
  const etag = `"${createHash('sha256').update(script).digest('base64url').slice(0, 22)}"`
  return { compressed: await promisify(gzip)(script), etag }
}

async function sendReader(request: FastifyRequest, reply: FastifyReply, { compressed, etag }: Reader) {
  void reply
    .header('etag', etag)
    .header('cache-control', 'public, max-age=3600')
    .header('vary', 'accept-encoding')
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  void reply.type('text/javascript; charset=utf-8')
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) {
    return reply.send(await promisify(gunzip)(compressed))
  }
  return reply.header('content-encoding', 'gzip').send(compressed)
}
