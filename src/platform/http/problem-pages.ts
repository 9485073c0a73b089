/** What a problem's `type` points at: a page that says what to do about it. */
import type { FastifyInstance } from 'fastify'
import { escapeHtml, htmlPage, jsonPage } from './html-page.ts'
import { problemCatalogue, routeNotFound, type Kind } from '../problems.ts'
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
  return [jsonPage(told(kind)), problemPage(kind)]
}

function representationsOfList(catalogue: Kind[]): Representation[] {
  const kinds = catalogue.sort((left, right) => left.status - right.status)
  return [jsonPage({ data: kinds.map(told) }), listPage(kinds)]
}

// The names of the constraints behind it are nobody's business.
function told({ status, code, title, advice }: Kind) {
  return { status, code, title, advice }
}

function problemPage({ status, code, title, advice }: Kind): Representation {
  return page(
    title,
    `<p><code>${escapeHtml(code)}</code>, answered with status ${status}.</p>
<h2>What to do</h2>
<p>${escapeHtml(advice)}</p>
<p><a href="/problems">All problems</a> · <a href="/docs">The API</a></p>`,
  )
}

function listPage(problems: readonly Kind[]): Representation {
  const entries = problems.map(
    ({ status, code, title, advice }) =>
      `<dt><a href="/problems/${code}">${escapeHtml(title)}</a> (${status})</dt>
<dd>${escapeHtml(advice)}</dd>`,
  )
  return page('Problems', `<dl>\n${entries.join('\n')}\n</dl>\n<p><a href="/docs">The API</a></p>`)
}

const page = (title: string, main: string) => htmlPage(`${title} – Solidarity Pact`, title, main)
