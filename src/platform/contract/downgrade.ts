/**
 * Converts the contract to OpenAPI 3.0, for generators that do not read 3.1. @apiture/openapi-down-convert 0.14.2 keeps
 * `type: null`, so validators refuse its document.
 */
import { referenceName, type JsonSchema, type OpenApiDocument } from './document.ts'

type Schemas = Record<string, JsonSchema>

/** Returns the OpenAPI 3.0 document. It omits what 3.0 cannot express: names of map keys, types of tuple places. */
export function downgradeToOpenApi30(document: OpenApiDocument): Record<string, unknown> {
  const { license, ...info } = document.info as { license: { name: string; identifier: string } }
  const { schemas, ...components } = document.components
  return {
    openapi: '3.0.3',
    info: {
      ...info,
      license: { name: license.name, url: `https://spdx.org/licenses/${license.identifier}.html` },
    },
    servers: document.servers,
    tags: document.tags,
    paths: downgradeWithin(document.paths, schemas),
    components: {
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, downgrade(schema, schemas)]),
      ),
      ...(downgradeWithin(components, schemas) as object),
    },
  }
}

// Outside components.schemas, every schema is the value of a key `schema`. Examples contain no schemas.
function downgradeWithin(part: unknown, schemas: Schemas): unknown {
  if (Array.isArray(part)) return part.map((entry) => downgradeWithin(entry, schemas))
  if (typeof part !== 'object' || part === null) return part
  const entries = Object.entries(part).map(([key, value]): [string, unknown] => {
    if (key === 'examples') return [key, value]
    return [key, key === 'schema' ? downgrade(value as JsonSchema, schemas) : downgradeWithin(value, schemas)]
  })
  return Object.fromEntries(entries)
}

function downgrade(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { $ref, ...beside } = schema
  if ($ref !== undefined) return Object.keys(beside).length > 0 ? { allOf: [{ $ref }], ...beside } : { $ref }
  return downgradeChildren(downgradeKeywords(withoutNull(schema, schemas)), schemas)
}

function downgradeKeywords(schema: JsonSchema): JsonSchema {
  const {
    const: only,
    examples,
    propertyNames,
    prefixItems,
    contentEncoding,
    contentMediaType,
    ...rest
  } = schema
  return {
    ...withFlaggedBounds(rest),
    ...(only !== undefined && { enum: [only] }),
    ...(examples && examples.length > 0 && { example: examples[0] }),
    ...(contentEncoding === 'base64' && { format: 'byte' }),
    ...(prefixItems && { items: {} }),
  }
}

function downgradeChildren(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { properties, additionalProperties } = schema
  const result = { ...schema }
  if (properties) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, downgrade(property, schemas)]),
    )
  }
  if (typeof additionalProperties === 'object')
    result.additionalProperties = downgrade(additionalProperties, schemas)
  for (const key of ['items', 'not'] as const) {
    const child = schema[key]
    if (child) result[key] = downgrade(child, schemas)
  }
  for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
    const variants = schema[key]
    if (variants) result[key] = variants.map((variant) => downgrade(variant, schemas))
  }
  return result
}

// 3.0 has no type null, but the keyword `nullable`, which needs a type beside it.
function withoutNull(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.type === 'null') return { ...schema, type: 'string', nullable: true, enum: [null] }
  const { type, anyOf, ...rest } = schema
  if (Array.isArray(type))
    return withoutNull({ ...rest, anyOf: type.map((each) => ({ ...rest, type: each })) }, schemas)
  const variants = anyOf?.filter((variant) => variant.type !== 'null')
  const [only] = variants ?? []
  if (!only || variants?.length !== 1) return schema
  if (only.$ref === undefined) {
    const description = rest.description ?? only.description
    return {
      ...rest,
      ...only,
      ...(description !== undefined && { description }),
      nullable: true,
      ...(only.enum && { enum: [...only.enum, null] }),
    }
  }
  return { ...rest, type: schemas[referenceName(only.$ref)]?.type ?? 'object', nullable: true, allOf: [only] }
}

// In 3.0 an exclusive bound is a flag beside the bound.
function withFlaggedBounds(schema: JsonSchema): JsonSchema {
  const { exclusiveMinimum, exclusiveMaximum, ...rest } = schema
  return {
    ...rest,
    ...(exclusiveMinimum !== undefined && flaggedBound('minimum', 'exclusiveMinimum', exclusiveMinimum)),
    ...(exclusiveMaximum !== undefined && flaggedBound('maximum', 'exclusiveMaximum', exclusiveMaximum)),
  }
}

function flaggedBound(bound: string, flag: string, value: number): JsonSchema {
  return { [bound]: value, [flag]: true }
}
