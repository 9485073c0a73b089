/** What a problem's `type` points at: a page that says what to do about it. */
import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { problemCatalogue, routeNotFound, type Kind } from './problems.ts'
import {
  documentRoute,
  staticDocument,
  type Representation,
  type StaticDocument,
} from './static-documents.ts'

/** Serves the page of each problem, and the list of all. */
export function registerProblemPages(app: FastifyInstance): void {
  const list = staticDocument({ cacheControl, make: () => representationsOfList(problemCatalogue()) })
  app.get('/problems', documentRoute, list)

  const pages = new Map<string, StaticDocument>()
  app.get<{ Params: { code: string } }>('/problems/:code', documentRoute, async (request, reply) => {
    const kind = problemCatalogue().find(({ code }) => code === request.params.code)
    if (!kind) throw routeNotFound('There is no problem of this name. All of them are listed at /problems.')
    const page = pages.get(kind.code) ?? staticDocument({ cacheControl, make: () => representationsOf(kind) })
    pages.set(kind.code, page)
    return page(request, reply)
  })
}

const cacheControl = 'public, max-age=3600'

function representationsOf(kind: Kind): Representation[] {
  return [jsonOf(told(kind)), htmlOf(problemPage(kind))]
}

function representationsOfList(catalogue: Kind[]): Representation[] {
  const kinds = catalogue.sort((left, right) => left.status - right.status)
  return [jsonOf({ data: kinds.map(told) }), htmlOf(listPage(kinds))]
}

// The names of the constraints behind it are nobody's business.
function told({ status, code, title, advice }: Kind) {
  return { status, code, title, advice }
}

const jsonOf = (value: unknown): Representation => ({ type: 'application/json', body: JSON.stringify(value) })

const htmlOf = (body: string): Representation => ({
  type: 'text/html',
  body,
  headers: { 'content-security-policy': contentSecurityPolicy },
})

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
