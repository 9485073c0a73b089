/** The parts of OpenAPI 3.1 that the contract uses. */

/** A JSON Schema 2020-12 with the keywords that zod emits, and OpenAPI's `discriminator`. */
export type JsonSchema = {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  propertyNames?: JsonSchema
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  not?: JsonSchema
  enum?: unknown[]
  const?: unknown
  default?: unknown
  examples?: unknown[]
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  discriminator?: { propertyName: string; mapping?: Record<string, string> }
  [keyword: string]: unknown
}

export type Reference = {
  $ref: string
}

export type Parameter = {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description?: string
  schema: JsonSchema
  example?: unknown
}

export type Header = {
  description: string
  required: boolean
  schema: JsonSchema
  example?: unknown
}

export type MediaType = {
  schema: JsonSchema
  examples?: Record<string, Reference | { value: unknown }>
}

export type Response = {
  description: string
  headers?: Record<string, Reference>
  content?: Record<string, MediaType>
}

export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description: string
  security: Record<string, string[]>[]
  parameters?: (Parameter | Reference)[]
  requestBody?: { required: boolean; content: Record<string, MediaType> }
  responses: Record<string, Response | Reference>
  deprecated?: boolean
}

export type Tag = {
  name: string
  description: string
}

/** A chapter as the service declares it. The operation that a reader needs first stands first in it. */
export type Chapter = Tag & { startsWith?: string }

export const methods = ['get', 'put', 'post', 'patch', 'delete'] as const

export type Method = (typeof methods)[number]

export type OpenApiDocument = {
  openapi: '3.1.0'
  info: Record<string, unknown>
  servers: { url: string; description: string }[]
  tags: Tag[]
  paths: Record<string, Partial<Record<Method, Operation>>>
  components: {
    schemas: Record<string, JsonSchema>
    responses: Record<string, Response>
    parameters: Record<string, Parameter>
    headers: Record<string, Header>
    examples: Record<string, { value: unknown }>
    securitySchemes: Record<string, Record<string, unknown>>
  }
}

/** `#/components/schemas/Pact` for `Pact`. */
export function schemaReference(name: string): string {
  return `#/components/schemas/${name}`
}

/** `Pact` for `#/components/schemas/Pact`. */
export function referenceName(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

/** The same record with its keys in alphabetical order, so that the committed document has no noise. */
export function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  const byName = ([left]: [string, Value], [right]: [string, Value]) => (left < right ? -1 : 1)
  return Object.fromEntries(Object.entries(record).sort(byName))
}
