/** From zod to the document's components: every object has a name, and one name means one thing. */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { referenceName, schemaReference, sorted, type JsonSchema } from './document.ts'
import { classifyFields } from './field-classes.ts'

export type Direction = 'input' | 'output'

/** What the routes read (`input`) and write (`output`), by a key that the caller chooses. */
export type Roots = Record<Direction, Map<string, z.ZodType>>

export type ComponentSchemas = {
  components: Record<string, JsonSchema>
  /** The schema of one root: a reference when the root is named. */
  rootSchema: (direction: Direction, key: string) => JsonSchema
}

/**
 * Translates all roots at once. Throws when an object has no name, or when one name is read in another
 * shape than it is written in: two shapes need two names, else generated clients grow `XInput` twins.
 */
export function componentSchemas(roots: Roots): ComponentSchemas {
  const read = translate(roots.input, 'input')
  const written = translate(roots.output, 'output')
  classifyFields(written.components)
  const components = sorted(mergeDirections(read.components, written.components))
  for (const [name, component] of Object.entries(components)) refuseInlineObjects(component, name)
  for (const component of Object.values(components)) mapDiscriminators(component, components)
  return { components, rootSchema: (direction, key) => (direction === 'input' ? read : written).root(key) }
}

/** Throws when the schema of a body or an answer, or a part of it, is an object without a name. */
export function refuseInlineObjects(schema: JsonSchema, where: string, isNamed = true): void {
  if (schema.properties && !isNamed) {
    throw new Error(`OpenAPI: ${where} is an object without a name: give it .meta({ id })`)
  }
  for (const [key, child] of children(schema)) refuseInlineObjects(child, `${where}/${key}`, false)
}

/** Calls `visit` for the schema and each schema within it, outermost first. */
export function walk(schema: JsonSchema, visit: (schema: JsonSchema) => void): void {
  visit(schema)
  for (const [, child] of children(schema)) walk(child, visit)
}

function translate(schemas: Map<string, z.ZodType>, direction: Direction) {
  // One object around all roots, so that zod puts every named schema into one `$defs`.
  const everything = z.object(Object.fromEntries(schemas))
  const { properties = {}, $defs = {} } = z.toJSONSchema(everything, {
    io: direction,
    override: restoreMeaning,
  }) as JsonSchema & { $defs?: Record<string, JsonSchema> }
  for (const schema of [...Object.values(properties), ...Object.values($defs)]) walk(schema, tidy)
  return {
    components: $defs,
    root: (key: string): JsonSchema => {
      const root = properties[key]
      if (!root) throw new Error(`OpenAPI: nothing was translated for ${key}`)
      return root
    },
  }
}

// zod drops the examples of what also transforms (a trimmed string), and the key of a discriminated union.
function restoreMeaning({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes
  jsonSchema: object
}): void {
  const schema = jsonSchema as JsonSchema
  if (schema.$ref) return
  const examples = z.globalRegistry.get(zodSchema)?.examples
  if (Array.isArray(examples)) schema.examples = examples
  const { def } = zodSchema._zod
  if (def.type === 'union' && 'discriminator' in def) {
    schema.discriminator = { propertyName: String(def.discriminator) }
  }
}

// Patterns of dates and ids repeat in 300 characters what `format` says; bounds of safe integers say nothing.
function tidy(schema: JsonSchema): void {
  if (schema.$ref?.startsWith('#/$defs/')) schema.$ref = schemaReference(referenceName(schema.$ref))
  if (schema.format) delete schema.pattern
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  delete schema['id']
  describeDefault(schema)
}

// Many generators require a field that has a `default`, and a client may leave it out all the same.
function describeDefault(schema: JsonSchema): void {
  if (!('default' in schema)) return
  const omitted = `When omitted: ${JSON.stringify(schema.default)}.`
  schema.description = schema.description ? `${schema.description} ${omitted}` : omitted
  delete schema.default
}

function mergeDirections(read: Record<string, JsonSchema>, written: Record<string, JsonSchema>) {
  for (const [name, schema] of Object.entries(written)) {
    walk(schema, openToAdditions)
    const twin = read[name]
    if (!twin) continue
    walk(twin, openToAdditions)
    if (!isDeepStrictEqual(twin, schema)) {
      throw new Error(
        `OpenAPI: ${name} is not read as it is written (a default?): give each shape its own name`,
      )
    }
  }
  return { ...read, ...written }
}

// Answers may gain fields inside /v1, so no client may rely on their absence. What is only read stays closed.
function openToAdditions(schema: JsonSchema): void {
  if (schema.additionalProperties === false) delete schema.additionalProperties
}

function mapDiscriminators(component: JsonSchema, components: Record<string, JsonSchema>): void {
  walk(component, ({ discriminator, oneOf = [] }) => {
    if (!discriminator) return
    discriminator.mapping = {}
    for (const { $ref = '' } of oneOf) {
      const property = components[referenceName($ref)]?.properties?.[discriminator.propertyName]
      if (!property) throw new Error(`OpenAPI: a variant has no name, or no ${discriminator.propertyName}`)
      const values = property.const === undefined ? (property.enum ?? []) : [property.const]
      for (const value of values) discriminator.mapping[String(value)] = $ref
    }
  })
}

function children(schema: JsonSchema): [string, JsonSchema][] {
  const { properties = {}, additionalProperties, items, not, propertyNames } = schema
  const single = { additionalProperties, items, not, propertyNames }
  const lists = {
    oneOf: schema.oneOf,
    anyOf: schema.anyOf,
    allOf: schema.allOf,
    prefixItems: schema.prefixItems,
  }
  return [
    ...Object.entries(properties),
    ...Object.entries(single).flatMap(([key, child]): [string, JsonSchema][] =>
      typeof child === 'object' ? [[key, child]] : [],
    ),
    ...Object.entries(lists).flatMap(([key, variants = []]) =>
      variants.map((variant, index): [string, JsonSchema] => [`${key}/${index}`, variant]),
    ),
  ]
}
