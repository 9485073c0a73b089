/**
 * The response schema is the presenter: it is compiled to a serialiser that writes the fields it lists and no
 * other, so a column that is added to a query does not leave the house by accident.
 */
import fastJsonStringify from 'fast-json-stringify'
import { z } from 'zod'

type JsonSchema = Record<string, unknown>
type RouteSchema = { schema: unknown }

export function serializerOf({ schema }: RouteSchema): (body: unknown) => string {
  const described = z.toJSONSchema(schema as z.ZodType, {
    target: 'draft-7',
    io: 'output',
    // Without names everything stands inline: a reference beside null would lose the null.
    metadata: z.registry(),
    reused: 'inline',
    override: ({ jsonSchema }) => plain(jsonSchema as JsonSchema),
  })
  return fastJsonStringify(described as fastJsonStringify.Schema)
}

/** What checks values on the way in only costs time on the way out, and a nullable is a type, not a choice. */
function plain(schema: JsonSchema): void {
  for (const key of [
    'pattern',
    'examples',
    'minimum',
    'maximum',
    'description',
    'id',
    '$id',
    'propertyNames',
  ]) {
    delete schema[key]
  }
  const choices = schema.anyOf as JsonSchema[] | undefined
  const other = choices?.length === 2 && choices[1]?.type === 'null' ? choices[0] : undefined
  if (!other) return
  delete schema.anyOf
  Object.assign(schema, other, typeof other.type === 'string' ? { type: [other.type, 'null'] } : {})
}
