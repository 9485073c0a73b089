/** What a problem's `type` points at: a page that says what to do about it. */
import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { anyone } from './access.ts'
import { problemCatalogue, routeNotFound, type Kind } from './problems.ts'

/** Serves the page of each problem, and the list of all. */
export function registerProblemPages(app: FastifyInstance): void {
  const route = { config: { access: anyone, hidden: true } }

  app.get('/problems', route, async (request, reply) => {
    const kinds = problemCatalogue().sort((left, right) => left.status - right.status)
    return answer(request, reply, { data: kinds.map(told) }, () => listPage(kinds))
  })

  app.get<{ Params: { code: string } }>('/problems/:code', route, async (request, reply) => {
    const kind = problemCatalogue().find(({ code }) => code === request.params.code)
    if (!kind) throw routeNotFound('There is no problem of this name. All of them are listed at /problems.')
    return answer(request, reply, told(kind), () => problemPage(kind))
  })
}

// The names of the constraints behind it are nobody's business.
function told({ status, code, title, advice }: Kind) {
  return { status, code, title, advice }
}

function answer(request: FastifyRequest, reply: FastifyReply, json: unknown, page: () => string) {
  void reply.header('vary', 'accept').header('cache-control', 'public, max-age=3600')
  if (!prefersHtml(request.headers.accept)) return reply.send(json)
  return reply
    .header('content-security-policy', contentSecurityPolicy)
    .type('text/html; charset=utf-8')
    .send(page())
}

// Browsers name HTML first; programs ask for JSON or for anything.
function prefersHtml(accept = ''): boolean {
  const html = accept.indexOf('text/html')
  const json = accept.indexOf('application/json')
  return html !== -1 && (json === -1 || html < json)
}

const style = `
:root { color-scheme: light dark }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code { font-size: 1em }
dt { margin-top: 1rem; font-weight: 600 }
dd { margin: 0 }
`

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  // The empty icon, which spares the browser asking for one.
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function problemPage({ status, code, title, advice }: Kind): string {
  return page(
    title,
    `<p><code>${escapeHtml(code)}</code>, answered with status ${status}.</p>
<h2>What to do</h2>
<p>${escapeHtml(advice)}</p>
<p><a href="/problems">All problems</a> · <a href="/docs">The API</a></p>`,
  )
}

function listPage(problems: readonly Kind[]): string {
  const entries = problems.map(
    ({ status, code, title, advice }) =>
      `<dt><a href="/problems/${code}">${escapeHtml(title)}</a> (${status})</dt>
<dd>${escapeHtml(advice)}</dd>`,
  )
  return page('Problems', `<dl>\n${entries.join('\n')}\n</dl>\n<p><a href="/docs">The API</a></p>`)
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)} – Solidarity Pact</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</body>
</html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
