/** Compiles response schemas to serialisers that write only the listed fields, so that a new column of a query is not exposed. */
import fastJsonStringify from 'fast-json-stringify'
import { z } from 'zod'

type JsonSchema = Record<string, unknown>
type RouteSchema = { schema: unknown }

type Serializer = (body: unknown) => string

/**
 * Many answers are alike, so each schema is compiled once in a process: with its first answer, because compiling all took 135 ms
 * of a start.
 */
const compiled = new WeakMap<z.ZodType, Serializer>()

export function serializerOf({ schema }: RouteSchema): Serializer {
  const type = schema as z.ZodType
  return (body) => {
    const serializer = compiled.get(type) ?? compile(type)
    compiled.set(type, serializer)
    return serializer(body)
  }
}

function compile(schema: z.ZodType): Serializer {
  const described = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    // Without names everything stands inline: a reference beside null would lose the null.
    metadata: z.registry(),
    reused: 'inline',
    override: ({ jsonSchema }) => plain(jsonSchema as JsonSchema),
  })
  return fastJsonStringify(described as fastJsonStringify.Schema)
}

const onlyForInput = [
  'pattern',
  'format',
  'examples',
  'minimum',
  'maximum',
  'description',
  'id',
  '$id',
  'propertyNames',
]

/** What checks values on the way in only costs time on the way out, and a nullable is a type, not a choice. */
function plain(schema: JsonSchema): void {
  for (const key of onlyForInput) delete schema[key]
  // Unlisted fields are left out without it; in a choice it would keep a row with one of them from fitting at all.
  if (schema.additionalProperties === false) delete schema.additionalProperties
  const choices = schema.anyOf as JsonSchema[] | undefined
  const other = choices?.length === 2 && choices[1]?.type === 'null' ? choices[0] : undefined
  if (typeof other?.type !== 'string') return
  delete schema.anyOf
  Object.assign(schema, other, { type: [other.type, 'null'] })
}
