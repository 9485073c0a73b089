import { Validator } from '@seriousme/openapi-schema-validator'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { z } from 'zod'
import { downgradeToOpenApi30 } from '../../../src/platform/contract/downgrade.ts'
import { anyone } from '../../../src/platform/access.ts'
import { emptyApp, said, smallApp } from '../../fixtures/small-app.ts'

async function contractOf(app: FastifyInstance) {
  await app.ready()
  return app.contract()
}

t.test(
  'each operation of the contract lists exactly the error statuses that its route can answer',
  async (t) => {
    const { paths } = await contractOf(smallApp())

    t.strictSame(statuses(paths['/v1/unions']?.get), [200, 304, 400, 401, 406, 410, 422, 429, 503])
    t.strictSame(statuses(paths['/v1/unions']?.post), [201, 400, 401, 406, 409, 410, 413, 415, 422, 429, 503])
    t.strictSame(
      statuses(paths['/v1/unions/{id}']?.get),
      [200, 304, 400, 401, 403, 404, 406, 410, 422, 429, 503],
    )
    t.strictSame(
      statuses(paths['/v1/unions/{id}']?.delete),
      [204, 400, 401, 403, 404, 406, 409, 410, 412, 413, 415, 422, 428, 429, 503],
    )
  },
)

t.test('the contract describes the access of a route as security and as a sentence', async (t) => {
  const { paths } = await contractOf(smallApp())

  t.strictSame(paths['/v1/unions']?.get?.security, [{}, { token: [] }, { offerLink: [] }])
  t.strictSame(paths['/v1/unions/{id}']?.get?.security, [{ token: [] }, { offerLink: [] }])
  t.strictSame(paths['/v1/unions/{id}']?.delete?.security, [{ token: [] }])
  t.match(paths['/v1/unions']?.get?.description, 'Open to anyone.')
  t.match(
    paths['/v1/unions/{id}']?.get?.description,
    'For delegates and holders of an offer link. The token needs the scope `organisations:read`.',
  )
})

t.test('the contract lists parameters one by one, and a repeatable one as an array', async (t) => {
  const { paths } = await contractOf(smallApp())
  const [limit, kind] = paths['/v1/unions']?.get?.parameters ?? []

  t.strictSame(limit, {
    name: 'limit',
    in: 'query',
    required: false,
    description: 'When omitted: 25.',
    schema: { type: 'integer', minimum: 1, maximum: 100 },
  })
  t.match(kind, { name: 'kind', schema: { type: 'array', items: { enum: ['craft', 'general'] } } })
})

t.test('input schemas of the contract are closed, and output schemas may gain fields', async (t) => {
  const { components } = await contractOf(smallApp())

  t.equal(components.schemas['RegisterUnion']?.additionalProperties, false)
  t.notOk('additionalProperties' in (components.schemas['Union'] ?? {}))
  t.notOk('additionalProperties' in (components.schemas['ExternalId'] ?? {}), 'which is read and answered')
  t.notOk(Object.keys(components.schemas).some((name) => name.endsWith('Input')))
})

t.test('schemas of the contract contain no redundant patterns and bounds', async (t) => {
  const { components } = await contractOf(smallApp())
  const union = components.schemas['Union']?.properties

  t.strictSame(union?.['createdAt'], {
    type: 'string',
    format: 'date-time',
    'x-field-class': 'public',
  })
  t.strictSame(union?.['version'], {
    type: 'integer',
    minimum: 1,
    examples: [1],
    'x-field-class': 'public',
  })
  t.strictSame(components.schemas['Meeting']?.discriminator?.mapping, {
    weekly: '#/components/schemas/Weekly',
    once: '#/components/schemas/Once',
  })
})

t.test('each body of the contract has an example, given or composed from its parts', async (t) => {
  const { components } = await contractOf(smallApp())

  t.strictSame(components.examples['RegisterUnion']?.value, { name: 'Metal Workers', website: null })
  t.match(components.examples['UnionPage']?.value, {
    data: [{ name: 'Metal Workers', meets: { kind: 'weekly', everyWeeks: 2 } }],
    nextCursor: null,
  })
})

t.test('generated contracts for OpenAPI 3.1 and 3.0 are valid', async (t) => {
  const document = await contractOf(smallApp())

  const answers = await Promise.all(
    [document, downgradeToOpenApi30(document)].map((each) =>
      new Validator().validate(structuredClone({ ...each })),
    ),
  )

  t.strictSame(answers, [{ valid: true }, { valid: true }])
})

t.test('the contract for OpenAPI 3.0 expresses null and constants with nullable and enum', async (t) => {
  const { components } = downgradeToOpenApi30(await contractOf(smallApp())) as {
    components: { schemas: Record<string, { properties: Record<string, unknown> }> }
  }

  t.strictSame(components.schemas['RegisterUnion']?.properties['website'], {
    type: 'string',
    format: 'uri',
    nullable: true,
  })
  t.strictSame(components.schemas['Union']?.properties['alias'], {
    type: 'object',
    nullable: true,
    allOf: [{ $ref: '#/components/schemas/ExternalId' }],
    'x-field-class': 'public',
  })
  t.strictSame(components.schemas['Once']?.properties['kind'], { type: 'string', enum: ['once'] })
})

t.test('the contract for OpenAPI 3.0 is served, derived from the served one for 3.1', async (t) => {
  const app = smallApp()

  const served = await app.inject('/openapi-3.0.json')

  t.equal(served.statusCode, 200)
  t.match(served.headers['content-type'], 'application/json')
  t.match(served.json(), { openapi: /^3\.0\./ })
  t.strictSame(served.json(), JSON.parse(JSON.stringify(downgradeToOpenApi30(app.contract()))))
})

t.test('the served contract is the generated one, and a conditional request answers 304', async (t) => {
  const app = smallApp()

  const first = await app.inject('/openapi.json')
  const again = await app.inject({
    url: '/openapi.json',
    headers: { 'if-none-match': first.headers.etag ?? '' },
  })

  t.strictSame(first.json(), JSON.parse(JSON.stringify(app.contract())))
  t.equal(again.statusCode, 304)
  t.equal(again.body, '')
})

t.test('an incomplete contract is refused with a message that names the place', async (t) => {
  const Named = z.strictObject({ name: z.string().meta({ examples: ['a'] }) }).meta({ id: 'Named' })
  const refused: [string, RegExp, ReturnType<typeof route>[]][] = [
    ['an answer without a name', /readIt\/200 .*name/, [route('readIt', { 200: z.strictObject({}) })]],
    [
      'an object within an answer without a name',
      /Outer\/inner .*name/,
      [
        route('readIt', {
          200: z.strictObject({ inner: z.strictObject({ a: Named }) }).meta({ id: 'Outer' }),
        }),
      ],
    ],
    [
      'an answer without an example',
      /readIt\/200\/Bare\/text has no example/,
      [route('readIt', { 200: z.strictObject({ text: z.string() }).meta({ id: 'Bare' }) })],
    ],
    [
      'two routes of one name',
      /both called readIt/,
      [route('readIt', { 200: Named }), route('readIt', { 200: Named })],
    ],
    ['a name that is not camelCase', /Read-it is not camelCase/, [route('Read-it', { 200: Named })]],
    [
      'a tag without a description',
      /tags without a description: Guilds/,
      [tagged(route('readIt', { 200: Named }), 'Guilds')],
    ],
    [
      'a shape that is not read as it is written',
      /Drifting is not read as it is written/,
      [drifting(z.strictObject({ text: z.string().default('a') }).meta({ id: 'Drifting' }))],
    ],
  ]
  for (const [title, message, routes] of refused) {
    const app = emptyApp()
    routes.forEach((options, index) => app.post(`/v1/${index}`, options, async () => ({})))
    await t.rejects(contractOf(app), { message }, title)
  }
})

t.test('a route without description, access or answers stops the start', async (t) => {
  const app = emptyApp()
  const { summary, ...mute } = said('readIt', 'Read')
  const config = { access: anyone }
  const add = (options: object) => app.get('/v1/it', options, async () => '')

  t.throws(() => add({ schema: { ...said('readIt', summary), response: {} } }), /not say who may call/)
  t.throws(() => add({ config, schema: { ...mute, response: {} } }), /GET \/v1\/it has no summary/)
  t.throws(() => add({ config, schema: said('readIt', summary) }), /not say what it answers/)
  t.throws(
    () => add({ config, schema: { ...said('readIt', summary), tags: [], response: {} } }),
    /exactly one tag/,
  )
})

function route(operationId: string, response: object) {
  return { config: { access: anyone }, schema: { ...said(operationId, 'Read it'), response } }
}

function drifting(shape: z.ZodType) {
  return {
    config: { access: anyone },
    schema: { ...said('changeIt', 'Change it'), body: shape, response: { 200: shape } },
  }
}

function tagged(options: ReturnType<typeof route>, tag: string) {
  return { ...options, schema: { ...options.schema, tags: [tag] } }
}

function statuses(operation: { responses: object } | undefined): number[] {
  return Object.keys(operation?.responses ?? {}).map(Number)
}
