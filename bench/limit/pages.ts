/** Cursors and pages as the service makes them: the cursor is bound to its list by a hash. */
import { createHash } from 'node:crypto'
import { rfc3339 } from './json.ts'

export type Listed = { query: Record<string, string>; limit: number }
export type Page = { items: string[]; cursor: string | null }

/** One list without its cursor: what is computed once for all its pages. */
type List = { hash: string; link: string }
const lists = new Map<string, List>()

export function pageOf(
  url: string,
  listed: Listed,
  { items, cursor }: Page,
): { body: string; link?: string } {
  const data = items.join(',')
  if (cursor === null) return { body: `{"data":[${data}],"nextCursor":null}` }
  const list = listOf(url, listed)
  const bound = `${list.hash}.${cursor}`
  return {
    body: `{"data":[${data}],"nextCursor":"${bound}"}`,
    link: `<${list.link}cursor=${bound}>; rel="next"`,
  }
}

/** The position after the last row of the page, if there is another row behind it. */
export function cursorOf<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => { id: string; at: string },
): string | null {
  const last = rows[limit - 1]
  if (rows.length <= limit || last === undefined) return null
  const { id, at } = positionOf(last)
  return Buffer.from(`["${rfc3339(at)}","${id}"]`).toString('base64url')
}

export function positionIn(bound: string): string[] {
  const cursor = bound.slice(bound.indexOf('.') + 1)
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[]
}

function listOf(url: string, listed: Listed): List {
  const key = url.replace(/&cursor=[^&]*/, '')
  const known = lists.get(key) ?? makeList(key, listed)
  lists.set(key, known)
  return known
}

function makeList(url: string, { query }: Listed): List {
  const [path, search] = url.split('?') as [string, string]
  const { cursor: _cursor, limit: _limit, ...filters } = query
  const listing = JSON.stringify([path, {}, Object.entries(filters).map(asValidated).sort()])
  return {
    hash: createHash('sha256').update(listing).digest('base64url').slice(0, 12),
    link: `${path}?${new URLSearchParams(search).toString()}&`,
  }
}

/** A filter as the service has it after validation. */
function asValidated([name, value]: [string, string]): [string, unknown] {
  if (name === 'country') return [name, [value]]
  if (name === 'from' || name === 'to') return [name, new Date(value).toISOString()]
  return [name, value]
}
