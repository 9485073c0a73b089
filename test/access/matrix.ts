/** Requests every operation as every principal, on their own thing, a stranger's and none, and records the answers. */
import { readFile, writeFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import type { Operation, OpenApiDocument } from '../../src/platform/contract/document.ts'
import type { Answer } from '../harness.ts'
import { principals, type Cast, type Principal } from './cast.ts'
import { requests } from '../resources/index.ts'
import { canaries } from '../resources/resource.ts'

export const kinds = ['own', 'foreign', 'absent'] as const
export type Kind = (typeof kinds)[number]
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
export type Route = { method: Method; path: string; operation: Operation }

/** For each status, and for a success a letter for its set of pointers: the principals that got it. */
type Outcomes = Record<string, string>
export type Row = Record<Kind, Outcomes> & { pointers: Record<string, string> }
export type Table = Record<string, Row>

export type Cell = { kind: Kind; principal: Principal; answer: Answer }

export const routesOf = (document: OpenApiDocument): Route[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase() as Method,
      path,
      operation,
    })),
  )

export async function cellsOf(cast: Cast, route: Route): Promise<Cell[]> {
  const cells: Cell[] = []
  for (const kind of kinds) {
    for (const principal of principals)
      cells.push({ kind, principal, answer: await ask(cast, route, kind, principal) })
  }
  return cells
}

export async function ask(
  cast: Cast,
  { method, path, operation }: Route,
  kind: Kind,
  principal: Principal,
  asHead = false,
): Promise<Answer> {
  const asked = requests[operation.operationId]
  if (!asked) throw new Error(`No fixture in test/resources says how ${operation.operationId} is asked`)
  const things = cast.thingsFor(principal, kind)
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => things[asked.of?.[name] ?? ''] ?? 'unknown')
  const body = asked.body?.(things, cast)
  const token = cast.tokenOf(principal, path)
  // If the thing may not exist yet, `If-Match: *` would require that it does.
  const needsVersion = JSON.stringify(operation.parameters ?? []).includes('parameters/IfMatch"')
  const headers = needsVersion ? { 'if-match': '*' } : {}
  return cast.house.ask(asHead ? 'HEAD' : method, url, { token, headers, ...(body && { body }) })
}

/** A short form of who got what: `{ own: { "200 a": "secretary API client" }, … , pointers: { a: "/id /name" } }`. */
export function rowOf(cells: readonly Cell[]): Row {
  const letters = new Map<string, string>()
  const row: Row = { own: {}, foreign: {}, absent: {}, pointers: {} }
  for (const { kind, principal, answer } of cells) {
    const outcome = `${answer.statusCode}${letterFor(letters, answer)}`
    row[kind][outcome] = [row[kind][outcome], principal].filter(Boolean).join(', ')
  }
  row.pointers = Object.fromEntries([...letters].map(([pointers, letter]) => [letter, pointers]))
  return row
}

function letterFor(letters: Map<string, string>, answer: Answer): string {
  if (answer.statusCode >= 300) return ` ${answer.data['code']}`
  const pointers = [...pointersIn(answer.data)].sort().join(' ')
  if (pointers === '') return ''
  const letter = letters.get(pointers) ?? 'abcdefghijklmn'[letters.size] ?? '?'
  letters.set(pointers, letter)
  return ` ${letter}`
}

/** Every place with a value. The items of a list count as one place. */
function pointersIn(value: unknown, at = ''): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set([at])
  const members = Array.isArray(value) ? value.map((one) => ['*', one] as const) : Object.entries(value)
  return new Set(members.flatMap(([key, one]) => [...pointersIn(one, `${at}/${key}`)]))
}

/** The owners of the words in the answer. */
export const told = ({ body }: Answer): string[] =>
  Object.entries(canaries).flatMap(([whose, word]) => (body.includes(word) ? [whose] : []))

/** `GET /v1/pacts/:id` for every route of the app; HEAD is left out, because it goes with GET. */
export function pathsOf(app: FastifyInstance): string[] {
  const trail: string[] = []
  const tree = app.printRoutes({ commonPrefix: false }).split('\n')
  return tree.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? []
    trail.splice(indent.length / 4, Infinity, part)
    const known = methods
      .split(', ')
      .filter((method) => method !== '' && method !== 'HEAD' && method !== 'OPTIONS')
    return known.map((method) => `${method} ${trail.join('')}`)
  })
}

const file = (tag: string) =>
  new URL(`tables/${tag.toLowerCase().replaceAll(' ', '-')}.json`, import.meta.url)

export const readTable = async (tag: string): Promise<Table> =>
  JSON.parse(await readFile(file(tag), 'utf8').catch(() => '{}')) as Table

export const writeTable = (tag: string, table: Table): Promise<void> =>
  writeFile(file(tag), `${JSON.stringify(table, null, 2)}\n`)
