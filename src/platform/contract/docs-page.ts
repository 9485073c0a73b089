/** The docs page at /docs: Scalar's reader of the contract, which asks no other host for anything. */
import Fastify, { type FastifyInstance } from 'fastify'
import { documentRoute, staticDocument, type DocumentOptions } from '../http/static-documents.ts'

/** Serves the page and its one script. With the contract, a visit is three requests. */
export function registerDocs(app: FastifyInstance): void {
  app.get('/docs', documentRoute, staticDocument(pageDocument))
  app.get('/docs/', documentRoute, async (_request, reply) => reply.redirect('/docs', 308))
  app.get('/docs/reader.js', documentRoute, staticDocument(readerDocument))
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
  // The bar that a telephone shows on top never breaks the name of an operation, and would widen the page.
  customCss: '.t-doc__header span { min-width: 0; overflow: hidden; text-overflow: ellipsis }',
}

const start = `Scalar.createApiReference('#app', ${JSON.stringify(readerConfiguration)})`

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
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

// The reader puts stylesheets into the page that nobody can list beforehand. A nonce would have to be made for each
// request; nothing on this page comes from people, no script but the reader runs, and styles can load nothing from elsewhere.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const pageDocument: DocumentOptions = {
  cacheControl: 'public, no-cache',
  make: () => [
    { type: 'text/html', body: page, headers: { 'content-security-policy': contentSecurityPolicy } },
  ],
}

const readerDocument: DocumentOptions = {
  cacheControl: 'public, max-age=3600',
  make: async () => [{ type: 'text/javascript', body: await loadReader() }],
}

// The reader comes as a Fastify plugin that serves a page of its own, with an inline script and without
// caching. Only its five megabytes of script are taken, at the first visit: the start does not pay for them.
async function loadReader(): Promise<string> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const carrier = Fastify()
  await carrier.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } })
  const scalarScript = await carrier.inject('/docs/js/scalar.js')
  await carrier.close()
  return [scalarScript.body, start, ''].join('\n')
}
