/** One operation of the document, from one route. */
import type { z } from 'zod'
import {
  referenceName,
  type JsonSchema,
  type MediaType,
  type Operation,
  type Parameter,
  type Reference,
  type Response,
} from './document.ts'
import { exampleOf } from './examples.ts'
import type { RequestHeader, ResponseHeader } from './headers.ts'
import { headerReferences, refusals } from './problem-responses.ts'
import { isNothing, type Route } from './route.ts'
import { refuseInlineObjects, type ComponentSchemas, type Roots } from './schemas.ts'

/** What the operations share: they refer to its schemas, and add the examples of their bodies to it. */
export type Shared = {
  schemas: ComponentSchemas
  examples: Record<string, { value: unknown }>
}

/** Names the zod schemas of the routes, to be translated together. */
export function collectRoots(routes: Route[]): Roots {
  const roots: Roots = { input: new Map(), output: new Map() }
  for (const route of routes) {
    for (const part of ['body', 'params', 'querystring'] as const) {
      const schema = route[part]
      if (schema) roots.input.set(`${route.operationId}/${part}`, schema)
    }
    for (const [status, schema] of route.responses) {
      if (!isNothing(schema)) roots.output.set(`${route.operationId}/${status}`, schema)
    }
  }
  return roots
}

export function describeOperation(route: Route, shared: Shared): Operation {
  const parameters = describeParameters(route, shared)
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    ...(route.deprecated && { deprecated: true }),
    security: describeSecurity(route.access),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, content: describeRequestBody(route, shared) } }),
    responses: describeResponses(route, shared),
  }
}

// A merge patch is JSON, and is taken under either name.
function describeRequestBody(route: Route, shared: Shared): Record<string, MediaType> {
  const where = `${route.operationId}/body`
  const body = describeBody(shared.schemas.rootSchema('input', where), where, shared)
  return route.method === 'patch'
    ? { 'application/json': body, 'application/merge-patch+json': body }
    : { 'application/json': body }
}

function describeResponses(route: Route, shared: Shared): Operation['responses'] {
  const responses: Operation['responses'] = {}
  for (const [status, schema] of route.responses) {
    responses[status] = describeResponse(route, status, schema, shared)
  }
  if (route.method === 'get') responses[304] = notModified
  for (const [status, name] of refusals(route)) responses[status] = { $ref: `#/components/responses/${name}` }
  return responses
}

function describeResponse(route: Route, status: number, schema: z.ZodType, shared: Shared): Response {
  if (isNothing(schema)) {
    const headers = headerReferences(headersOf(route, status, undefined))
    return { description: schema.description ?? 'Done.', headers }
  }
  const where = `${route.operationId}/${status}`
  const body = describeBody(shared.schemas.rootSchema('output', where), where, shared)
  const component = shared.schemas.components[referenceName(body.schema.$ref)]
  return {
    description: component?.description ?? route.summary,
    headers: headerReferences(headersOf(route, status, component)),
    content: { 'application/json': body },
  }
}

const notModified: Response = {
  description: 'It is still what you hold.',
  headers: headerReferences(['Request-Id', 'ETag']),
}

function describeBody(schema: JsonSchema, where: string, { schemas, examples }: Shared) {
  refuseInlineObjects(schema, where, false)
  const { $ref } = schema
  if ($ref === undefined) throw new Error(`OpenAPI: ${where} has no name: give it .meta({ id })`)
  const name = referenceName($ref)
  examples[name] ??= { value: exampleOf(schema, schemas.components, where) }
  return { schema: { $ref }, examples: { [name]: { $ref: `#/components/examples/${name}` } } }
}

function headersOf(route: Route, status: number, body: JsonSchema | undefined): ResponseHeader[] {
  const headers: ResponseHeader[] = ['Request-Id', 'RateLimit', 'RateLimit-Policy']
  if (body && (route.method === 'get' || body.properties?.['version'])) headers.push('ETag')
  if (status === 201) headers.push('Location')
  if (route.list) headers.push('Link')
  if (route.idempotent) headers.push('Idempotency-Replayed')
  return headers
}

function describeParameters(route: Route, { schemas }: Shared): (Parameter | Reference)[] {
  const headers: RequestHeader[] = []
  if (route.idempotent) headers.push('IdempotencyKey')
  if (route.ifMatch) headers.push(route.ifMatch === 'optional' ? 'IfMatchIfAny' : 'IfMatch')
  if (route.ifNoneMatch) headers.push('IfNoneMatchAny')
  if (route.method === 'get') headers.push('IfNoneMatch')
  return [
    ...(route.params
      ? flatParameters('path', schemas.rootSchema('input', `${route.operationId}/params`))
      : []),
    ...(route.querystring
      ? flatParameters('query', schemas.rootSchema('input', `${route.operationId}/querystring`))
      : []),
    ...headers.map((name) => ({ $ref: `#/components/parameters/${name}` })),
  ]
}

function flatParameters(
  place: 'path' | 'query',
  { properties = {}, required = [] }: JsonSchema,
): Parameter[] {
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

function describeSecurity({ to }: Route['access']): Operation['security'] {
  const schemes = to.map((kind) => (kind === 'link' ? 'offerLink' : 'token'))
  const alternatives = [...new Set(schemes)].map((scheme) => ({ [scheme]: [] }))
  return to.includes('anonymous') ? [{}, ...alternatives] : alternatives
}
