/** Asks every operation on behalf of everybody, of their own thing, a stranger's and none, and writes down what came. */
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

/** Status, and a letter for the set of pointers where it is a success, to whom it is said. */
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
  // Where nothing may be yet, it would say that something must be.
  const needsVersion = JSON.stringify(operation.parameters ?? []).includes('parameters/IfMatch"')
  const headers = needsVersion ? { 'if-match': '*' } : {}
  return cast.house.ask(asHead ? 'HEAD' : method, url, { token, headers, ...(body && { body }) })
}

/** Who was told what, in few words: `{ own: { "200 a": "secretary API client" }, … , pointers: { a: "/id /name" } }`. */
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

/** Every place where a value stands; those of a list are one place. */
function pointersIn(value: unknown, at = ''): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set([at])
  const members = Array.isArray(value) ? value.map((one) => ['*', one] as const) : Object.entries(value)
  return new Set(members.flatMap(([key, one]) => [...pointersIn(one, `${at}/${key}`)]))
}

/** Whose words stand in the answer. */
export const told = ({ body }: Answer): string[] =>
  Object.entries(canaries).flatMap(([whose, word]) => (body.includes(word) ? [whose] : []))

/** `GET /v1/pacts/:id` of every route that the app answers; HEAD goes with GET. */
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
