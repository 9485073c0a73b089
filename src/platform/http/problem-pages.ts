/** The page at which the `type` of a problem points. It says what to do. */
import type { FastifyInstance } from 'fastify'
import { escapeHtml, htmlPage, jsonPage } from './html-page.ts'
import { problemCatalogue, routeNotFound, type Kind } from '../problems.ts'
import {
  documentRoute,
  staticDocument,
  type Representation,
  type StaticDocument,
} from './static-documents.ts'

/** Serves the page of each problem, and the list of all problems. */
export function registerProblemPages(app: FastifyInstance): void {
  const list = staticDocument({ cacheControl, make: () => representationsOfList(problemCatalogue()) })
  app.get('/problems', documentRoute, list)

  const pages = new Map<string, StaticDocument>()
  app.get<{ Params: { code: string } }>('/problems/:code', documentRoute, async (request, reply) => {
    const kind = problemCatalogue().find(({ code }) => code === request.params.code)
    if (!kind) throw routeNotFound('No problem has this code. /problems lists all of them.')
    const page = pages.get(kind.code) ?? staticDocument({ cacheControl, make: () => representationsOf(kind) })
    pages.set(kind.code, page)
    return page(request, reply)
  })
}

const cacheControl = 'public, max-age=3600'

function representationsOf(kind: Kind): Representation[] {
  return [jsonPage(publicPart(kind)), problemPage(kind)]
}

function representationsOfList(catalogue: Kind[]): Representation[] {
  const kinds = catalogue.sort((left, right) => left.status - right.status)
  return [jsonPage({ data: kinds.map(publicPart) }), listPage(kinds)]
}

// Without the names of database constraints.
function publicPart({ status, code, title, advice }: Kind) {
  return { status, code, title, advice }
}

function problemPage({ status, code, title, advice }: Kind): Representation {
  return page(
    title,
    `<p><code>${escapeHtml(code)}</code>, HTTP status ${status}.</p>
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
