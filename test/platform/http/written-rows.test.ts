/** Rows that are written from PostgreSQL's text, byte for byte as they are written when they are decoded first. */
import { sql } from 'drizzle-orm'
import {
  jsonb,
  pgTable,
  text,
  boolean,
  doublePrecision,
  integer,
  bigint,
  uuid,
  pgEnum,
} from 'drizzle-orm/pg-core'
import * as fc from 'fast-check'
import t from 'tap'
import { z } from 'zod'
import { calendarDate, instant } from '../../../src/platform/database/columns.ts'
import { connectDatabase } from '../../../src/platform/database/database.ts'
import { build, prepared } from '../../../src/platform/database/prepared.ts'
import { serviceRole } from '../../../src/platform/database/roles.ts'
import { present } from '../../../src/platform/database/rows.ts'
import { serializerOf } from '../../../src/platform/http/serialization.ts'
import { asOwner, cloneDatabase } from '../../databases.ts'

const mood = pgEnum('odd_mood', ['calm', 'with "quotes"', 'ж'])
const things = pgTable('odd_things', {
  id: uuid().primaryKey(),
  n: integer(),
  big: bigint({ mode: 'number' }),
  ratio: doublePrecision(),
  isSo: boolean(),
  mood: mood(),
  line: text(),
  words: text().array(),
  at: instant(),
  day: calendarDate(),
  nested: jsonb(),
  secret: text(),
})

const everything = prepared(
  'odd_things',
  build
    .select({
      secret: things.secret,
      line: things.line,
      id: things.id,
      words: things.words,
      n: things.n,
      big: things.big,
      ratio: things.ratio,
      isSo: things.isSo,
      mood: things.mood,
      at: things.at,
      day: things.day,
      nested: things.nested,
      url: sql<string>`'/v1/things/' || id`.as('url'),
    })
    .from(things)
    .orderBy(things.n),
)

const Nested = z.object({
  name: z.string(),
  list: z.array(z.string().nullable()),
  inner: z.object({ yes: z.boolean() }).nullable(),
})
const Thing = z.object({
  id: z.uuid(),
  line: z.string().nullable(),
  url: z.string(),
  n: z.int(),
  big: z.int().nullable(),
  ratio: z.number().nullable(),
  isSo: z.boolean().nullable(),
  mood: z.string().nullable(),
  words: z.array(z.string().nullable()).nullable(),
  at: z.string().nullable(),
  day: z.string().nullable(),
  nested: Nested.nullable(),
  allowed: z.array(z.string()),
})
const serialize = serializerOf({ schema: z.object({ data: z.array(Thing) }) })

const oddPieces = [
  '"',
  '\\',
  '\\"',
  '\n',
  '\t',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u0080',
  '\u2028',
  '\u2029',
  '\u200f',
  'مرحبا',
]
const morePieces = [
  '{',
  '}',
  ',',
  'NULL',
  'null',
  ' ',
  '',
  '🚜',
  '👩‍🏭',
  'ж',
  'é',
  '\ufeff',
  '\uffff',
  '\\u0041',
  '</script>',
  'a',
  "'",
]
const oddText = fc.oneof(
  fc.array(fc.constantFrom(...oddPieces, ...morePieces), { maxLength: 6 }).map((pieces) => pieces.join('')),
  // PostgreSQL keeps no U+0000, and no half of a pair.
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '').toWellFormed()),
)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 })
const instants = fc.constantFrom(
  '2026-11-23T20:00:00Z',
  '2026-11-23T20:00:00.1Z',
  '2026-11-23T20:00:00.12+05:30',
  '2026-11-23T20:00:00.123456Z',
  '1969-12-31T23:59:59.999Z',
  '0001-01-01T00:00:00Z',
  '10000-01-01T00:00:00.5Z',
)
const thing = fc.record({
  n: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  big: maybe(fc.constantFrom(0, -1, 2 ** 53 - 1, -(2 ** 53 - 1))),
  ratio: maybe(fc.double({ noNaN: true, noDefaultInfinity: true })),
  isSo: maybe(fc.boolean()),
  mood: maybe(fc.constantFrom(...mood.enumValues)),
  line: maybe(oddText),
  words: maybe(fc.array(maybe(oddText), { maxLength: 4 })),
  at: maybe(instants),
  day: maybe(fc.constantFrom('2026-02-28', '0044-03-15 BC', '10000-01-01')),
  nested: maybe(
    fc.record({
      name: oddText,
      list: fc.array(maybe(oddText), { maxLength: 3 }),
      inner: maybe(fc.record({ yes: fc.boolean(), secret: oddText })),
      secret: oddText,
    }),
  ),
  secret: fc.constant('never shown'),
})

t.test(
  'rows go out from their text as they would be decoded and serialised, whatever they hold',
  async (t) => {
    const { url, ownerUrl, drop } = await cloneDatabase()
    await asOwner(
      ownerUrl,
      `create type odd_mood as enum ('calm', 'with "quotes"', 'ж');
     create table odd_things (id uuid primary key default gen_random_uuid(), n int, big bigint, ratio double precision,
       is_so boolean, mood odd_mood, line text, words text[], at timestamptz(3), day date, nested jsonb, secret text);
     grant all on odd_things to ${serviceRole}`,
    )
    const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 2 })
    t.teardown(async () => {
      await database.close()
      await drop()
    })

    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(thing, { minLength: 1, maxLength: 12, selector: ({ n }) => n }),
        oddText,
        async (made, word) => {
          await database.read.execute(sql`truncate odd_things`)
          await database.read
            .execute(sql`insert into odd_things (n, big, ratio, is_so, mood, line, words, at, day, nested, secret)
        select n, big, ratio, "isSo", mood, line, words, at, day, nested, secret
        from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as given (n int, big bigint, ratio double precision,
          "isSo" boolean, mood odd_mood, line text, words text[], at timestamptz, day date, nested jsonb, secret text)`)

          const shown = (await everything(database.read, {})).map((row) => present(row, { allowed: [word] }))
          const fast = Buffer.from(serialize({ data: shown }).bytes, 'latin1').toString()

          const rows = await everything(database.read, {})
          const slow = rows.map((row) => ({
            id: row.id,
            line: row.line,
            url: row.url,
            n: row.n,
            big: row.big === null ? null : Number(row.big),
            ratio: row.ratio,
            isSo: row.isSo,
            mood: row.mood,
            words: row.words,
            at: row.at,
            day: row.day,
            nested: row.nested === null ? null : Nested.parse(row.nested),
            allowed: [word],
          }))
          t.equal(fast, JSON.stringify({ data: slow }))
          t.same(
            rows.map((row) => ({ line: row.line, words: row.words, nested: row.nested })),
            made.toSorted((a, b) => a.n - b.n).map(({ line, words, nested }) => ({ line, words, nested })),
            'and what is decoded is what was stored',
          )
        },
      ),
      { numRuns: 300 },
    )
  },
)

t.test('a field that is presented as undefined is not sent', async (t) => {
  const { url, drop } = await cloneDatabase()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  const contacts = prepared(
    'odd_contacts',
    build
      .select({ id: sql<string>`'1'`.as('id'), contact: sql<string>`'secret'`.as('contact') })
      .from(sql`(values (1)) one`),
  )
  const [row] = await contacts(database.read, {})
  const write = serializerOf({ schema: z.object({ id: z.string(), contact: z.string().optional() }) })

  const shown = present(row as NonNullable<typeof row>, { contact: undefined })

  t.equal(Buffer.from(write(shown).bytes, 'latin1').toString(), '{"id":"1"}')
  t.same(JSON.parse(JSON.stringify(shown)), { id: '1' })
})
