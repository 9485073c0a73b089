/** Requests as the contract describes them; one in ten is spoilt. */
import fc, { type Arbitrary } from 'fast-check'
import type { OpenApiDocument, Operation, Parameter } from '../../src/platform/contract/document.ts'
import { oddJson, type Values } from './values.ts'

export type Sent = {
  operationId: string
  method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE'
  url: string
  principal: string
  headers: Record<string, string>
  payload?: string
  spoilt?: string
}

type Route = { method: Sent['method']; path: string; operation: Operation }

/** Correct requests for authorised callers, because generated ids and bodies seldom are correct. */
export type Fitting = (operationId: string) => { ids: Record<string, string>; body: object | undefined }

export function requestsOf(
  document: OpenApiDocument,
  values: Values,
  principals: Arbitrary<string>,
  fitting: Fitting,
): Arbitrary<Sent> {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => {
      return { method: method.toUpperCase() as Sent['method'], path, operation }
    }),
  )
  const whole = fc
    .constantFrom(...routes)
    .chain((route) => requestOf(document, values, route, principals, fitting(route.operation.operationId)))
  const spoilt = whole.chain((sent) => spoiltFrom(sent))
  return fc.oneof({ weight: 9, arbitrary: whole }, { weight: 1, arbitrary: spoilt })
}

function requestOf(
  document: OpenApiDocument,
  values: Values,
  { method, path, operation }: Route,
  principals: Arbitrary<string>,
  fits: ReturnType<Fitting>,
): Arbitrary<Sent> {
  const parameters = (operation.parameters ?? []).map((one) => resolved(document, one))
  const inPath = parameters.filter((one) => one.in === 'path')
  const inQuery = parameters.filter((one) => one.in === 'query' && one.name !== 'cursor')
  const schema = operation.requestBody?.content['application/json']?.schema
  return fc
    .record({
      path: fc.record(
        Object.fromEntries(
          inPath.map(({ name, schema: one }) => [name, mostly(fits.ids[name], values.of(one))]),
        ),
      ),
      query: fc.record(Object.fromEntries(inQuery.map((one) => [one.name, values.of(one.schema)])), {
        requiredKeys: [],
      }),
      body: schema ? mostly(fits.body, values.of(schema)) : fc.constant(undefined),
      principal: principals,
      asHead: fc.integer({ min: 0, max: 9 }).map((one) => one === 0 && method === 'GET'),
      version: fc.constantFrom('*', '*', '*', '"1"', '"7"', 'nonsense', undefined),
      key: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.uuid() }),
    })
    .map(({ path: ids, query, body, principal, asHead, version, key }) => ({
      operationId: operation.operationId,
      method: asHead ? 'HEAD' : method,
      url: addressOf(path, ids as Record<string, unknown>, query),
      principal,
      headers: {
        ...(version !== undefined && { 'if-match': version }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    }))
}

const mostly = (fitting: unknown, other: Arbitrary<unknown>): Arbitrary<unknown> =>
  fitting === undefined
    ? other
    : fc.oneof({ weight: 2, arbitrary: fc.constant(fitting) }, { weight: 1, arbitrary: other })

function resolved(document: OpenApiDocument, parameter: Parameter | { $ref: string }): Parameter {
  if (!('$ref' in parameter)) return parameter
  const known = document.components.parameters
  return known[parameter.$ref.split('/').at(-1) ?? ''] as Parameter
}

function addressOf(path: string, ids: Record<string, unknown>, query: Record<string, unknown>): string {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(ids[name])))
  const search = Object.entries(query).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`${name}=${encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value))}`],
  )
  return search.length === 0 ? place : `${place}?${search.join('&')}`
}

const contentTypes = [
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'json',
  '*/*',
  '',
]
const queries = [
  'limit=-1',
  'limit=1e9',
  'limit=1&limit=2',
  'cursor=x',
  'q=%00',
  'q=%ff%fe',
  'status=nonsense',
  'unknown=1',
  '=',
  'q[]=1',
]
const headers = [
  ['authorization', 'Bearer'],
  ['authorization', `Bearer ${'x'.repeat(90)}`],
  ['authorization', 'Basic eDp5'],
  ['idempotency-key', 'short'],
  ['if-match', `"${'9'.repeat(30)}"`],
  ['if-none-match', '*'],
  ['accept', 'image/png'],
  ['accept-language', '\u00ff;q=oops'],
  ['x-forwarded-for', "1' or '1'='1"],
  ['content-encoding', 'gzip'],
  ['transfer-encoding', 'nonsense'],
] as const

function spoiltFrom(sent: Sent): Arbitrary<Sent> {
  const ways: Arbitrary<Sent>[] = [
    fc.constantFrom(...queries).map((query) => ({
      ...sent,
      url: `${sent.url}${sent.url.includes('?') ? '&' : '?'}${query}`,
      spoilt: query,
    })),
    fc.constantFrom(...headers).map(([name, value]) => ({
      ...sent,
      headers: { ...sent.headers, [name]: value },
      spoilt: `${name}: ${value}`,
    })),
    fc.constantFrom('/', '%00', '%', '%ff', '..', '//', '\u202e').map((end) => ({
      ...sent,
      url: sent.url.replace(/(\?|$)/, `${encodedOr(end)}$1`),
      spoilt: `path ends in ${end}`,
    })),
  ]
  const { payload } = sent
  if (payload !== undefined) {
    ways.push(
      fc.constantFrom(...contentTypes).map((type) => ({
        ...sent,
        headers: { ...sent.headers, 'content-type': type },
        spoilt: `content-type ${type}`,
      })),
      fc.nat(payload.length).map((at) => ({ ...sent, payload: payload.slice(0, at), spoilt: 'cut off' })),
      oddJson.map((odd) => ({ ...sent, payload: odd, spoilt: 'another body' })),
      fc
        .tuple(fc.nat(20), oddJson)
        .map(([at, odd]) => ({ ...sent, payload: withOdd(payload, at, odd), spoilt: 'an odd value' })),
    )
  }
  return fc.oneof(...ways)
}

const encodedOr = (end: string): string => (end.charCodeAt(0) > 127 ? encodeURIComponent(end) : end)

/** Replaces one value in the text of the body, because some replacements cannot be values of JavaScript. */
function withOdd(payload: string, at: number, odd: string): string {
  const places = [...payload.matchAll(/:("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)/g)]
  const place = places[at % Math.max(places.length, 1)]
  if (!place) return odd
  return payload.slice(0, place.index + 1) + odd + payload.slice(place.index + place[0].length)
}
