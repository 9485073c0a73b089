/** Values that a JSON Schema of the contract allows, and values that few schemas allow. */
import fc, { type Arbitrary } from 'fast-check'
import type { JsonSchema, OpenApiDocument } from '../../src/platform/contract/document.ts'

export type Values = { of(schema: JsonSchema): Arbitrary<unknown>; ids: Arbitrary<string> }

const depthMax = 6

/** `known` are ids of existing things: a request with one of them gets further than one with a random id. */
export function valuesOf(document: OpenApiDocument, known: readonly string[]): Values {
  const ids = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.uuid() },
  )
  const schemas = document.components.schemas

  const texts = (schema: JsonSchema): Arbitrary<unknown> => {
    const { format, pattern, examples } = schema
    const { minLength = 0, maxLength = 60 } = schema as { minLength?: number; maxLength?: number }
    if (format === 'uuid') return ids
    if (format === 'date') return day.map((instant) => instant.slice(0, 10))
    if (format === 'date-time') return day
    const example = examples?.filter((one) => typeof one === 'string') ?? []
    if (format !== undefined && example.length > 0) return fc.constantFrom(...example)
    if (format === 'uri') return fc.webUrl()
    if (pattern !== undefined)
      return example.length > 0
        ? fc.oneof(fc.constantFrom(...example), fc.stringMatching(new RegExp(pattern, 'u')))
        : fc.stringMatching(new RegExp(pattern, 'u'))
    return fc.oneof(words, fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 60) }))
  }

  const objects = (schema: JsonSchema, depth: number): Arbitrary<unknown> => {
    const properties = Object.entries(schema.properties ?? {})
    const named = Object.fromEntries(properties.map(([name, one]) => [name, of(one, depth + 1)]))
    const requiredKeys = (schema.required ?? []).filter((key) => key in named)
    const fixed = fc.record(named, { requiredKeys })
    if (typeof schema.additionalProperties !== 'object') return fixed
    const key = schema.propertyNames
      ? (of(schema.propertyNames, depth) as Arbitrary<string>)
      : fc.constantFrom('en', 'de')
    return fc.dictionary(key, of(schema.additionalProperties, depth + 1), { minKeys: 1, maxKeys: 3 })
  }

  const of = (schema: JsonSchema, depth = 0): Arbitrary<unknown> => {
    if (schema.$ref) return of(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth)
    if (depth > depthMax) return fc.constant(null)
    if ('const' in schema) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    const choices = schema.oneOf ?? schema.anyOf
    if (choices) return fc.oneof(...choices.map((one) => of(one, depth)))
    const [type = 'null'] = [schema.type ?? 'null'].flat()
    if (type === 'string') return texts(schema)
    if (type === 'integer' || type === 'number')
      return fc.integer({
        min: Math.max(schema.minimum ?? 0, -1e9),
        max: Math.min(schema.maximum ?? 1000, 1e9),
      })
    if (type === 'boolean') return fc.boolean()
    if (type === 'array')
      return fc.uniqueArray(of(schema.items ?? {}, depth + 1), {
        minLength: (schema['minItems'] as number | undefined) ?? 0,
        maxLength: Math.min((schema['maxItems'] as number | undefined) ?? 3, 4),
        comparator: (a, b) => JSON.stringify(a) === JSON.stringify(b),
      })
    return type === 'object' ? objects(schema, depth) : fc.constant(null)
  }
  return { of, ids }
}

const words = fc.constantFrom('Solidarity', 'Салідарнасць', 'Grève générale', '罷工', 'تضامن', '✊🏽')
const day = fc
  .integer({ min: Date.UTC(2019, 0, 1), max: Date.UTC(2029, 0, 1) })
  .map((time) => new Date(time).toISOString())

/** What broken or hostile programs send. As JSON text, because some of it cannot be a JavaScript value. */
export const oddJson: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '-1',
    '1e400',
    '-0',
    '99999999999999999999999',
    '1.5',
    '""',
    '" "',
    '[]',
    '{}',
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00x"',
    '"\\r\\nX-Injected: 1"',
    '"+275760-09-13T00:00:00.000Z"',
    '"0000-01-01"',
    '"2026-02-30"',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{}}}',
    `"${'x'.repeat(5000)}"`,
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
    `"'; drop table pacts; --"`,
    '"../../etc/passwd"',
    '"%00"',
  ),
  fc.json({ maxDepth: 3 }),
)
