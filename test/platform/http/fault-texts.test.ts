import t from 'tap'
import { z } from 'zod'
import { faultText } from '../../../src/platform/http/fault-texts.ts'
import { registerUnion } from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'

const form = z.strictObject({ name: z.string(), country: z.string() })

/** Each issue code of zod, in each way in which its text differs. */
const texts: [code: string, schema: z.ZodType, value: unknown, text: string][] = [
  ['invalid_type', z.string(), 7, 'must be text'],
  ['invalid_type', z.number(), '7', 'must be a number'],
  ['invalid_type', z.int(), '7', 'must be a whole number'],
  ['invalid_type', z.int(), 1.5, 'must be a whole number'],
  ['invalid_type', z.int(), Infinity, 'must be a whole number'],
  ['invalid_type', z.boolean(), 'yes', 'must be true or false'],
  ['invalid_type', z.array(z.string()), 'a', 'must be a list'],
  ['invalid_type', form, 'a', 'must be an object'],
  ['invalid_type', z.record(z.string(), z.string()), [], 'must be an object'],
  ['invalid_type', z.null(), 1, 'must be null'],
  ['invalid_type', z.date(), 'today', 'must be of another type'],
  ['invalid_type', z.string(), undefined, 'is missing; it must be text'],
  ['invalid_value', z.enum(['a', 'b']), 'c', 'must be one of a, b'],
  ['invalid_value', z.literal('a'), 'c', 'must be a'],
  ['invalid_value', z.enum(['a', 'b']), undefined, 'is missing; it must be one of a, b'],
  ['too_small', z.string().min(1), '', 'must not be empty'],
  ['too_small', z.string().min(3), 'a', 'is 1 character long; at least 3 are required'],
  ['too_small', z.string().length(3), 'ab', 'is 2 characters long; exactly 3 are required'],
  ['too_small', z.array(z.int()).min(1), [], 'must contain at least 1 entry'],
  ['too_small', z.int().min(0), -1, 'must be 0 or more'],
  ['too_small', z.number().positive(), 0, 'must be more than 0'],
  ['too_big', z.string().max(3), 'abcd', 'is 4 characters long; at most 3 are allowed'],
  ['too_big', z.string().length(3), 'abcd', 'is 4 characters long; exactly 3 are required'],
  ['too_big', z.array(z.int()).max(2), [1, 2, 3], 'contains 3 entries; at most 2 are allowed'],
  ['too_big', z.array(z.int()).max(1), [1, 2], 'contains 2 entries; at most 1 is allowed'],
  ['too_small', z.array(z.int()).min(2), [1], 'contains 1 entry; at least 2 are required'],
  ['too_big', z.int().max(100), 101, 'must be 100 or less'],
  ['too_big', z.number().lt(1), 1, 'must be less than 1'],
  [
    'invalid_format',
    z.uuid(),
    'x',
    'must be an id of this service, such as 0192f1c0-0000-7000-8000-000000000001',
  ],
  ['invalid_format', z.url(), 'x', 'must be an address such as https://union.example'],
  ['invalid_format', z.email(), 'x', 'must be an e-mail address such as office@union.example'],
  ['invalid_format', z.iso.date(), 'x', 'must be a date such as 2026-11-23'],
  ['invalid_format', z.iso.datetime(), 'x', 'must be an instant such as 2026-11-23T20:00:00Z'],
  ['invalid_format', z.string().regex(/^a/), 'x', 'must be in the format that the contract shows'],
  ['not_multiple_of', z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  [
    'unrecognized_keys',
    form,
    { name: '', country: '', boss: 1 },
    'is an unknown field; the known fields are name, country',
  ],
  ['unrecognized_keys', z.partialRecord(z.enum(['a']), z.int()), { b: 1 }, 'is an unknown field'],
  ['invalid_union', z.union([z.string(), z.int()]), null, 'must have one of the forms in the contract'],
  [
    'invalid_key',
    z.record(z.string().max(1), z.int()),
    { ab: 1 },
    'must be what the contract at /openapi.json says',
  ],
  [
    'invalid_element',
    z.map(z.object({}), z.int()),
    new Map([[{}, 'b']]),
    'must be what the contract at /openapi.json says',
  ],
  ['custom', z.string().refine(() => false), 'x', 'must be what the contract at /openapi.json says'],
  ['custom', z.string().refine(() => false, 'must be sung'), 'x', 'must be sung'],
]

t.test('every kind of input fault has a text that says what to send', async (t) => {
  for (const [code, schema, value, text] of texts) {
    const issue = schema.safeParse(value, { error: faultText('field') }).error?.issues[0]
    t.match([issue?.code, issue?.message], [code, text])
  }
})

t.test('every issue code of zod has a text', async (t) => {
  const tried = new Set(texts.map(([code]) => code))
  const known = Object.keys(knownCodes)
  t.same([...tried].sort(), known.sort())
})

/** The compiler requires a line here when zod adds a code. */
const knownCodes: Record<z.core.$ZodIssue['code'], true> = {
  invalid_type: true,
  too_big: true,
  too_small: true,
  invalid_format: true,
  not_multiple_of: true,
  unrecognized_keys: true,
  invalid_union: true,
  invalid_key: true,
  invalid_element: true,
  invalid_value: true,
  custom: true,
}

t.test('the refusal of an unknown parameter or field lists the known ones', async (t) => {
  const house = await openHouse(t)
  const { token } = await registerUnion(house)
  const detailOf = async (...asked: Parameters<typeof house.ask>) =>
    (await house.ask(...asked)).data.errors.map((fault: { detail: string }) => fault.detail)

  t.same(await detailOf('GET', '/v1/delegates?verbose=1', { token }), [
    'is an unknown parameter; the known parameters are organisationId, limit, cursor',
  ])
  t.same(await detailOf('GET', '/v1/me?verbose=1', { token }), [
    'is an unknown parameter; this operation takes no parameters',
  ])
  t.same(await detailOf('GET', '/v1/organisations?limit=ten&kind=sect'), [
    'must be one of union, strike_committee, works_council, workplace_group, support_group, federation, coordination',
    'must be a whole number',
  ])
  t.same(
    await detailOf('POST', '/v1/delegates', {
      token,
      body: { organisationId: 'x', displayName: 7, boss: 1 },
    }),
    [
      'must be an id of this service, such as 0192f1c0-0000-7000-8000-000000000001',
      'must be text',
      'is an unknown field; the known fields are organisationId, displayName, pseudonym, languages',
    ],
  )
})
