import t, { type Test } from 'tap'
import { sql } from 'drizzle-orm'
import { integer, jsonb, pgTable } from 'drizzle-orm/pg-core'
import {
  connectDatabase,
  insertAtCommit,
  type OpenDatabase,
  type Tx,
} from '../../../src/platform/database/database.ts'
import { insertOf } from '../../../src/platform/database/inserts.ts'
import { serviceRole } from '../../../src/platform/database/roles.ts'
import { asOwner, cloneDatabase } from '../../databases.ts'

const seats = pgTable('seats', { id: integer().primaryKey(), note: jsonb() })
const insertSeats = insertOf(seats)

/** All transactions share one connection, so that what one leaves behind meets the next. */
async function openDatabase(t: Test): Promise<OpenDatabase> {
  const { url, ownerUrl, drop } = await cloneDatabase()
  await asOwner(
    ownerUrl,
    `create table seats (id int primary key, note jsonb); grant all on seats to ${serviceRole}`,
  )
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 1 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}

async function idsIn(database: OpenDatabase): Promise<number[]> {
  const rows = await database.read.select({ id: seats.id }).from(seats).orderBy(seats.id)
  return rows.map(({ id }) => id)
}

const number = async (tx: Tx, n: number): Promise<unknown> => {
  const { rows } = await tx.execute<{ n: number }>(sql`select ${n}::int as n`)
  return rows[0]?.n
}

t.test(
  'each statement of a batch gets its own rows, named and unnamed, with values and without',
  async (t) => {
    const database = await openDatabase(t)

    for (let round = 0; round < 3; round++) {
      const answers = await database.transaction((tx) =>
        Promise.all([
          number(tx, 7),
          tx.execute(sql`select generate_series(1, ${3}::int) as n`).then(({ rows }) => rows),
          tx.execute(sql`select 'unnamed' as kind`).then(({ rows }) => rows),
          tx.execute(sql`select generate_series(1, ${0}::int) as n`).then(({ rows }) => rows),
          tx.insert(seats).values({ id: round, note: { round } }).returning(),
          tx
            .select()
            .from(seats)
            .where(sql`${seats.id} = ${round}`),
          tx.update(seats).set({ note: null }),
        ]),
      )

      t.same(answers, [
        7,
        [{ n: 1 }, { n: 2 }, { n: 3 }],
        [{ kind: 'unnamed' }],
        [],
        [{ id: round, note: { round } }],
        [{ id: round, note: { round } }],
        { command: 'UPDATE', rowCount: round + 1, rows: [] },
      ])
    }
  },
)

t.test(
  'a batch fails from its first error on, and the same statements work in the next transaction',
  async (t) => {
    const database = await openDatabase(t)
    const all = (divisor: number) =>
      database.transaction((tx) =>
        Promise.allSettled([
          number(tx, 1),
          tx.execute(sql`select 6 / ${divisor}::int as n`),
          tx.execute(sql`select ${'behind'}::text as place`),
        ]).then((settled) => {
          const failed = settled.find((one) => one.status === 'rejected')
          if (failed) throw Object.assign(new Error('some failed', { cause: failed.reason }), { settled })
          return settled
        }),
      )

    const error = await all(0).then(
      () => undefined,
      (thrown: { settled: PromiseSettledResult<unknown>[] }) => thrown,
    )

    t.same(
      error?.settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    )
    for (const one of error?.settled.slice(1) ?? [])
      t.match((one as PromiseRejectedResult).reason, { cause: { code: '22012' } }, 'the reason of the first')
    t.equal((await all(2)).length, 3, 'what was skipped is prepared again')
  },
)

t.test(
  'rows that are inserted with COMMIT keep their order and are one statement for each table',
  async (t) => {
    const database = await openDatabase(t)

    await database.transaction(async (tx) => {
      for (const id of [3, 1, 2]) insertAtCommit(tx, insertSeats, { id, note: { id } })
      t.same(await tx.select().from(seats), [], 'the transaction itself does not see them')
    })

    const { rows } = await database.read.execute(
      sql`select id, cmin::text as statement from seats order by ctid`,
    )
    t.same(
      rows.map(({ id }) => id),
      [3, 1, 2],
    )
    t.equal(new Set(rows.map(({ statement }) => statement)).size, 1)
  },
)

t.test('nothing is committed when a row that is inserted with COMMIT is refused', async (t) => {
  const database = await openDatabase(t)
  const unwritable = {
    toJSON: () => {
      throw new Error('cannot be written')
    },
  }

  await t.rejects(
    database.transaction(async (tx) => {
      await tx.insert(seats).values({ id: 1 })
      for (const id of [2, 2]) insertAtCommit(tx, insertSeats, { id, note: null })
    }),
    { code: '23505' },
  )
  await t.rejects(
    database.transaction(async (tx) => {
      await tx.insert(seats).values({ id: 1 })
      insertAtCommit(tx, insertSeats, { id: 2, note: unwritable })
    }),
    { message: 'cannot be written' },
  )

  t.same(await idsIn(database), [])
  await database.transaction(async (tx) => insertAtCommit(tx, insertSeats, { id: 4, note: null }))
  t.same(await idsIn(database), [4], 'the connection is good again')
})

t.test('no row can be added to a transaction that has ended', async (t) => {
  const database = await openDatabase(t)
  const ended = await database.transaction(async (tx) => tx)

  t.throws(() => insertAtCommit(ended, insertSeats, { id: 1, note: null }), { message: /has ended/ })
})

t.test(
  'a transaction rolls back while one of its statements still fails, and its connection stays open',
  async (t) => {
    const database = await openDatabase(t)
    const backend = async () =>
      database.transaction(async (tx) => (await tx.execute(sql`select pg_backend_pid() as pid`)).rows)
    const before = await backend()

    await t.rejects(
      database.transaction(async (tx) => {
        const failing = tx.execute(sql`select 1 / ${0}::int`)
        failing.catch(() => undefined)
        throw new Error('changed my mind')
      }),
      { message: 'changed my mind' },
    )

    t.same(await backend(), before)
  },
)

t.test('work that goes on after its transaction has failed writes nothing into the next one', async (t) => {
  const database = await openDatabase(t)
  const nextHasBegun = Promise.withResolvers<void>()
  const late = Promise.withResolvers<unknown>()
  const failed = database.transaction((tx) => {
    const goesOn = nextHasBegun.promise.then(() => tx.insert(seats).values({ id: 1 }))
    goesOn.then(late.resolve, late.resolve)
    return Promise.all([tx.execute(sql`select 1 / ${0}::int`), goesOn])
  })
  await t.rejects(failed)

  await database.transaction(async (tx) => {
    await tx.insert(seats).values({ id: 2 })
    nextHasBegun.resolve()
    t.match(await late.promise, { cause: { message: 'this transaction has ended' } })
  })

  t.same(await idsIn(database), [2])
})
