/** The docs page at /docs: Scalar shows the contract, without a request to any other host. */
import Fastify, { type FastifyInstance } from 'fastify'
import { documentRoute, staticDocument, type DocumentOptions } from '../http/static-documents.ts'

/** Serves the page and its one script. A visitor makes three requests: page, script and contract. */
export function registerDocs(app: FastifyInstance): void {
  app.get('/docs', documentRoute, staticDocument(pageDocument))
  app.get('/docs/', documentRoute, async (_request, reply) => reply.redirect('/docs', 308))
  app.get('/docs/reader.js', documentRoute, staticDocument(readerDocument))
}

// Everything that would send requests to other hosts, or that needs an account with Scalar, is off.
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
  // On a phone, the top bar would not wrap the name of an operation, and would make the page wider than the screen.
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
<noscript>This page needs JavaScript. The contract is <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1) or
<a href="/openapi-3.0.json">openapi-3.0.json</a> (OpenAPI 3.0).</noscript>
<script src="/docs/reader.js"></script>
</body>
</html>
`

// Scalar adds inline styles that cannot be listed here, and a nonce would need a new page for each request. The page
// shows no text from users, runs only this script, and its styles can load nothing from other hosts.
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

// Scalar is a Fastify plugin with its own page, which has an inline script and no caching. We take only its script
// (5 MB), at the first visit, so that the start stays fast.
async function loadReader(): Promise<string> {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const carrier = Fastify()
  await carrier.register(scalar, { routePrefix: '/docs', configuration: { url: '/openapi.json' } })
  const scalarScript = await carrier.inject('/docs/js/scalar.js')
  await carrier.close()
  return [scalarScript.body, start, ''].join('\n')
}
