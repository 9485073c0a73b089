/** Reads from the options of a route what the contract needs to know about it. */
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import type { Access } from '../access.ts'
import { methods, type Method } from './document.ts'

export type Route = {
  method: Method
  /** As OpenAPI writes it: `/v1/pacts/{id}`. */
  path: string
  operationId: string
  tag: string
  summary: string
  description: string
  deprecated: boolean
  access: Access
  idempotent: boolean
  ifMatch: boolean | 'optional'
  ifNoneMatch: boolean
  spendsSecret: boolean
  list: boolean
  body: z.ZodType | undefined
  params: z.ZodObject | undefined
  querystring: z.ZodObject | undefined
  /** By status. */
  responses: Map<number, z.ZodType>
}

const typesOfNothing = ['undefined', 'void', 'null', 'never']

/** Whether the schema says that the answer has no body. */
export function isNothing(schema: z.ZodType): boolean {
  return typesOfNothing.includes(schema.def.type)
}

/** Describes the route once per method. Leaves out hidden routes and HEAD. */
export function describeRoutes(options: RouteOptions): Route[] {
  if (options.config?.hidden) return []
  return [options.method]
    .flat()
    .map((method) => method.toLowerCase())
    .filter((method): method is Method => methods.some((known) => known === method))
    .map((method) => describeRoute(method, options))
}

function describeRoute(method: Method, { url, config, schema: declared }: RouteOptions): Route {
  const where = `${method.toUpperCase()} ${url}`
  const schema = (declared ?? {}) as Record<string, unknown>
  if (!config?.access) throw new Error(`OpenAPI: ${where} does not say who may call it`)
  return {
    method,
    path: url.replaceAll(/:(\w+)/g, '{$1}'),
    operationId: text(schema, 'operationId', where),
    tag: onlyTag(schema, where),
    summary: text(schema, 'summary', where),
    description: [schema['description'], whoMayCall(config.access)].filter(Boolean).join('\n\n'),
    deprecated: schema['deprecated'] === true,
    access: config.access,
    idempotent: config.idempotent ?? false,
    ifMatch: config.ifMatch ?? false,
    ifNoneMatch: config.ifNoneMatch ?? false,
    spendsSecret: config.spendsSecret ?? false,
    list: config.list ?? false,
    body: zodType(schema['body'], `the body of ${where}`),
    params: zodObject(schema['params'], `the path parameters of ${where}`),
    querystring: zodObject(schema['querystring'], `the query parameters of ${where}`),
    responses: describeResponses(schema['response'], where),
  }
}

const callers: Partial<Record<Access['to'][number], string>> = {
  delegate: 'delegates',
  client: 'the systems of organisations',
  operator: 'the operator',
  link: 'holders of an offer link',
}

/** Says who may call the route, because a security scheme cannot name kinds of token. */
function whoMayCall({ to, scope }: Access): string {
  if (to.includes('anonymous')) return 'Open to anyone.'
  const kinds = new Intl.ListFormat('en').format(to.flatMap((kind) => callers[kind] ?? []))
  return `For ${kinds}.${scope ? ` The token needs the scope \`${scope}\`.` : ''}`
}

function describeResponses(response: unknown, where: string): Route['responses'] {
  if (!response || typeof response !== 'object')
    throw new Error(`OpenAPI: ${where} does not say what it answers`)
  const answers = Object.entries(response).map(([status, schema]): [number, z.ZodType] => {
    const type = zodType(schema, `the answer ${status} of ${where}`)
    if (!type) throw new Error(`OpenAPI: ${where} says nothing of its answer ${status}`)
    return [Number(status), type]
  })
  return new Map(answers)
}

function text(schema: Record<string, unknown>, key: string, where: string): string {
  const value = schema[key]
  if (typeof value !== 'string' || value === '') throw new Error(`OpenAPI: ${where} has no ${key}`)
  return value
}

function onlyTag(schema: Record<string, unknown>, where: string): string {
  const tags = schema['tags']
  const tag: unknown = Array.isArray(tags) && tags.length === 1 ? tags[0] : undefined
  if (typeof tag !== 'string') throw new Error(`OpenAPI: ${where} needs exactly one tag`)
  return tag
}

function zodType(schema: unknown, what: string): z.ZodType | undefined {
  if (schema === undefined || schema instanceof z.ZodType) return schema
  throw new Error(`OpenAPI: ${what} is not a zod schema`)
}

function zodObject(schema: unknown, what: string): z.ZodObject | undefined {
  if (schema === undefined || schema instanceof z.ZodObject) return schema
  throw new Error(`OpenAPI: ${what} are not a zod object`)
}
