import t from 'tap'
import { z } from 'zod'
import { serializerOf } from '../../src/platform/serialization.ts'

const Named = z.object({ name: z.string() }).meta({ id: 'SerializedName' })
const serialize = serializerOf({
  schema: z
    .object({
      one: Named.nullable(),
      list: z.array(Named),
      mood: z.enum(['calm']).nullable(),
      rest: Named.optional(),
    })
    .meta({ id: 'SerializedThing' }),
})

t.test('what may be null goes out as null, not as an empty object', async (t) => {
  t.equal(serialize({ one: null, list: [], mood: null }), '{"one":null,"list":[],"mood":null}')
})

t.test('a field that the schema does not list stays inside, at any depth', async (t) => {
  const secret = 'spt_secret'

  const text = serialize({ one: { name: 'a', secret }, list: [{ name: 'b', secret }], mood: 'calm', secret })

  t.equal(text, '{"one":{"name":"a"},"list":[{"name":"b"}],"mood":"calm"}')
})
