/** An example for every body: the author's own, or one composed from the examples of its parts. */
import { referenceName, type JsonSchema } from './document.ts'

/** Throws, naming the part, when neither the schema nor its parts say enough to compose an example. */
export function exampleOf(
  schema: JsonSchema,
  components: Record<string, JsonSchema>,
  where: string,
): unknown {
  const own = ownExample(schema)
  if (own !== undefined) return own
  if (schema.$ref !== undefined) return exampleOfReference(schema.$ref, components, where)
  const variant = (schema.oneOf ?? schema.anyOf)?.[0]
  if (variant) return exampleOf(variant, components, where)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'array' && schema.items) return [exampleOf(schema.items, components, `${where}/items`)]
  if (type === 'object' && schema.properties) return exampleOfObject(schema, components, where)
  throw new Error(`OpenAPI: ${where} has no example: add .meta({ examples })`)
}

const byFormat: Record<string, unknown> = {
  uuid: '01938f4e-8a3c-7c1e-9d4b-5f2a6b7c8d9e',
  'date-time': '2026-11-23T09:00:00.000Z',
  date: '2026-11-23',
  uri: 'https://union.example/pact',
  email: 'office@union.example',
}

function ownExample(schema: JsonSchema): unknown {
  if (schema.examples && schema.examples.length > 0) return schema.examples[0]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.default !== undefined) return schema.default
  if (schema.type === 'boolean') return true
  if (schema.type?.includes('null')) return null
  return schema.format === undefined ? undefined : byFormat[schema.format]
}

function exampleOfReference(
  reference: string,
  components: Record<string, JsonSchema>,
  where: string,
): unknown {
  const component = components[referenceName(reference)]
  if (!component) throw new Error(`OpenAPI: ${where} refers to ${reference}, which does not exist`)
  return exampleOf(component, components, `${where}/${referenceName(reference)}`)
}

function exampleOfObject(schema: JsonSchema, components: Record<string, JsonSchema>, where: string): unknown {
  const entries = Object.entries(schema.properties ?? {})
  const shown = entries.filter(
    ([name, property]) => schema.required?.includes(name) || ownExample(property) !== undefined,
  )
  return Object.fromEntries(
    shown.map(([name, property]) => [name, exampleOf(property, components, `${where}/${name}`)]),
  )
}
