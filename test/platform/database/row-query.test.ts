import { sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { build, prepared } from '../../../src/platform/database/prepared.ts'
import { connectDatabase } from '../../../src/platform/database/database.ts'
import { systemRlsContext } from '../../../src/platform/database/rls-context.ts'
import { cloneDatabase } from '../../databases.ts'

/** Who asks, what was sent, and as many rows as were asked for, each with a null and a long text beyond ASCII. */
const asks = prepared(
  'probe_asks',
  build
    .select({
      who: sql<string | null>`current_setting('pact.delegate_id', true)`.as('who'),
      sent: sql<string>`${sql.placeholder('sent')}::text`.as('sent'),
      n: sql<number>`n`.as('n'),
      none: sql<string | null>`null::text`.as('none'),
      long: sql<string>`repeat(${sql.placeholder('sent')}::text || ' ж "\\', 5000 * (n % 2))`.as('long'),
    })
    .from(sql`generate_series(1, ${sql.placeholder('rows')}::int) n`),
)
const fails = prepared(
  'probe_fails',
  build
    .select({ n: sql<number>`1 / ${sql.placeholder('divisor')}::int`.as('n') })
    .from(sql`(values (1)) one`),
)
const breaksOff = prepared(
  'probe_breaks_off',
  build
    .select({ n: sql<number>`1 / (3 - n)`.as('n') })
    .from(sql`generate_series(1, ${sql.placeholder('rows')}::int) n`),
)
const unknown = prepared(
  undefined,
  build.select({ n: sql`nothing_of_this_name`.as('n') }).from(sql`(values (1)) one`),
)
const unnamed = prepared(undefined, build.select({ n: sql<number>`7`.as('n') }).from(sql`(values (1)) one`))

async function openDatabase(t: Test) {
  const { url, drop } = await cloneDatabase()
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 2 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}

t.test(
  'each of 5,000 mixed prepared statements on one connection gets its own rows, RLS context or error',
  async (t) => {
    const database = await openDatabase(t)
    const scopeOf = (n: number) => ({
      ...systemRlsContext,
      caller: 'delegate' as const,
      delegateId: `delegate-${n % 50}`,
    })
    const readAs = (n: number) => (n % 3 === 0 ? database.read : database.as(scopeOf(n)).read)
    const wrong: string[] = []
    const expect = (isMet: boolean, what: string) => void (isMet || wrong.push(what))
    const code = (asked: Promise<unknown>) =>
      asked.then(
        () => '',
        (error: { code: string }) => error.code,
      )
    const kinds: ((n: number) => Promise<void>)[] = [
      async (n) => {
        const rows = await asks(readAs(n), { sent: `${n} é`, rows: n % 5 })
        expect(rows.length === n % 5, `rows ${n}`)
        rows.forEach((row, i) => {
          const who = n % 3 === 0 ? [null, ''] : [`delegate-${n % 50}`]
          const isRight =
            who.includes(row.who) &&
            row.sent === `${n} é` &&
            row.n === i + 1 &&
            row.none === null &&
            row.long === `${n} é ж "\\`.repeat(row.n % 2 ? 5000 : 0)
          expect(isRight, `row ${i} of ${n}`)
        })
      },
      async (n) => expect((await code(fails(readAs(n), { divisor: 0 }))) === '22012', `division ${n}`),
      async (n) => expect((await code(fails(readAs(n), { divisor: 'x' }))) === '22P02', `value ${n}`),
      async (n) => expect((await code(breaksOff(readAs(n), { rows: 5 }))) === '22012', `broken off ${n}`),
      async (n) => expect((await code(unknown(readAs(n), {}))) === '42703', `unparsed ${n}`),
      async (n) => expect((await unnamed(readAs(n), {}))[0]?.n === 7, `unnamed ${n}`),
      async (n) => {
        const { rows } = await readAs(n).execute<{ n: number }>(sql`select ${n}::int as n, null as none`)
        expect(rows.length === 1 && rows[0]?.n === n, `driver's own ${n}`)
      },
    ]

    await Promise.all(Array.from({ length: 5000 }, async (_, n) => kinds[(n * 5) % kinds.length]?.(n)))

    t.same(wrong, [])
  },
)

t.test(
  'a value that cannot be sent fails alone, and later statements of the connection get their rows',
  async (t) => {
    const { read } = await openDatabase(t)
    const circular: { self?: unknown } = {}
    circular.self = circular

    await t.rejects(asks(read, { sent: circular, rows: 1 }), /circular/)

    t.match(await asks(read, { sent: 'a', rows: 1 }), [{ sent: 'a' }])
  },
)

t.test('prepared statements of a transaction see its changes and fail with it', async (t) => {
  const database = await openDatabase(t)

  const [seen] = await database.transaction(async (tx) => {
    await tx.execute(sql`select set_config('pact.delegate_id', 'somebody', true)`)
    return asks(tx, { sent: 'a', rows: 2 })
  })
  const failed = database.transaction(async (tx) => {
    await asks(tx, { sent: 'a', rows: 2 })
    return fails(tx, { divisor: 0 })
  })

  t.match(seen, { who: 'somebody', sent: 'a', n: 1 })
  await t.rejects(failed, { code: '22012' })
  t.match(await asks(database.read, { sent: 'b', rows: 1 }), [{ sent: 'b' }])
})

t.test('a statement with the name of another one fails, and nothing is sent', async (t) => {
  const database = await openDatabase(t)
  const first = prepared(
    'probe_name',
    build.select({ n: sql<number>`1`.as('n') }).from(sql`(values (1)) one`),
  )
  const second = prepared(
    'probe_name',
    build.select({ n: sql<number>`2`.as('n') }).from(sql`(values (1)) one`),
  )
  t.match(await first(database.read, {}), [{ n: 1 }])

  await t.rejects(second(database.read, {}), { message: 'two statements have the name probe_name' })

  t.match(await first(database.read, {}), [{ n: 1 }])
})
