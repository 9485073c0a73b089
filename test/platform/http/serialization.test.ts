import t from 'tap'
import { z } from 'zod'
import { serializerOf } from '../../../src/platform/http/serialization.ts'
import { fromUtf8 } from '../../../src/platform/wire/json-text.ts'

const serializing = (schema: z.ZodType) => {
  const serialize = serializerOf({ schema })
  return (answer: unknown) => fromUtf8(serialize(answer).bytes)
}

const Named = z.object({ name: z.string() }).meta({ id: 'SerializedName' })
const serialize = serializing(
  z
    .object({
      one: Named.nullable(),
      list: z.array(Named),
      mood: z.enum(['calm']).nullable(),
      rest: Named.optional(),
    })
    .meta({ id: 'SerializedThing' }),
)

t.test('a nullable object is serialised as null, not as an empty object', async (t) => {
  t.equal(serialize({ one: null, list: [], mood: null }), '{"one":null,"list":[],"mood":null}')
})

t.test('fields that the schema does not list are not serialised, at any depth', async (t) => {
  const secret = 'spt_secret'

  const text = serialize({ one: { name: 'a', secret }, list: [{ name: 'b', secret }], mood: 'calm', secret })

  t.equal(text, '{"one":{"name":"a"},"list":[{"name":"b"}],"mood":"calm"}')
})

const one = <Shape extends z.ZodType>(shape: Shape) => {
  const write = serializing(z.object({ it: shape }))
  return (it: unknown) => JSON.parse(write({ it })).it as unknown
}

t.test('a union is serialised by the variant that fits', async (t) => {
  const Shape = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('url'), url: z.string() }),
    z.object({ kind: z.literal('place'), place: Named.nullable(), seats: z.int().optional() }),
  ])
  const secret = 'spt_secret'

  t.same(one(Shape)({ kind: 'url', url: '/v1', place: 'x', secret }), { kind: 'url', url: '/v1' })
  t.same(one(Shape)({ kind: 'place', place: { name: 'a', secret }, secret }), {
    kind: 'place',
    place: { name: 'a' },
  })
  t.same(one(Shape)({ kind: 'place', place: null, seats: 3 }), { kind: 'place', place: null, seats: 3 })
  t.equal(one(Shape.nullable())(null), null)
  t.same(one(z.array(Shape))([{ kind: 'url', url: 'a' }]), [{ kind: 'url', url: 'a' }])
  const either = one(z.union([z.string(), z.int(), Named]))
  t.same([either('a'), either(7), either({ name: 'n', secret })], ['a', 7, { name: 'n' }])
})

t.test('maps keep their keys, and unlisted fields of their values are not serialised', async (t) => {
  const byLanguage = one(z.record(z.string(), z.object({ title: z.string(), body: z.string().nullable() })))

  t.same(byLanguage({ be: { title: 'a', body: null, secret: 1 }, 'zh-Hant': { title: 'b', body: 'c' } }), {
    be: { title: 'a', body: null },
    'zh-Hant': { title: 'b', body: 'c' },
  })
  t.same(one(z.record(z.string(), z.string().nullable()))({ a: null, b: 'c' }), { a: null, b: 'c' })
  t.same(one(z.record(z.string(), z.int()))({}), {})
  t.same(one(z.record(z.string(), z.string()).nullable())(null), null)
})

t.test('every nullable scalar is serialised as its value or null', async (t) => {
  for (const [shape, value] of [
    [z.string(), 'a "quoted"\n\u2028 line'],
    [z.string(), 'ж 🚜 \ud800 é'],
    [z.int(), 2 ** 40],
    [z.number(), 1.5],
    [z.boolean(), false],
    [z.enum(['a', 'b']), 'b'],
    [z.literal('x'), 'x'],
    [z.uuid(), '0192f1c0-0000-7000-8000-000000000001'],
    [z.array(z.string().nullable()), ['a', null]],
    [z.object({ deep: z.object({ er: z.string().nullable() }).nullable() }), { deep: null }],
  ] as const) {
    t.same(one(shape)(value), value)
    t.equal(one(shape.nullable())(null), null)
    t.same(one(shape.nullable())(value), value)
    t.equal(one(shape.optional())(undefined), undefined)
  }
})

t.test('an answer without a required field is not sent and answers 500', async (t) => {
  t.throws(() => serialize({ one: null, list: [] }), /mood/)
})
