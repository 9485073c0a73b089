import t, { type Test } from 'tap'
import { sql } from 'drizzle-orm'
import { systemContext } from '../../../src/platform/actions/action-context.ts'
import { connectDatabase } from '../../../src/platform/database/database.ts'
import { serviceRole } from '../../../src/platform/database/roles.ts'
import { codeOf } from '../../../src/platform/database/sqlstate.ts'
import { deletionJob, sweepJob, type Sweep } from '../../../src/platform/jobs/sweeps.ts'
import { asOwner, cloneDatabase } from '../../databases.ts'

const now = new Date('2026-03-02T10:00:00.000Z')

const tableOfDeadlines = `
  create table deadlines (id uuid primary key default gen_random_uuid(), number int, done int not null default 0 check (done < 2));
  grant all on deadlines to ${serviceRole}`

/** A table of deadlines. The worker that carries one out records its number; a number must not occur twice. */
async function deadlines(t: Test, count: number, fault = 'select 1 / 0') {
  const { url, ownerUrl, drop } = await cloneDatabase()
  await asOwner(ownerUrl, tableOfDeadlines)
  const database = await connectDatabase({ url, readConnections: 1, poolConnectionsMax: 8 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  const run = async (statement: string) =>
    (await database.transaction((tx) => tx.$client.query(statement))).rows as Record<string, unknown>[]
  await run(`insert into deadlines (number) select generate_series(1, ${count})`)
  const order: number[] = []
  const failures: unknown[] = []
  const work: Sweep = {
    due: async (db, { limit, except }) => {
      const { rows } = await db.execute<{ id: string }>(
        sql`select id from deadlines where done = 0 and id <> all(${sql.param([...except])}::uuid[]) order by number limit ${limit}`,
      )
      return rows
    },
    carryOut: async (tx, _act, id) => {
      const { rows } = await tx.execute<{ number: number }>(
        sql`select number from deadlines where id = ${id} and done = 0 for update skip locked`,
      )
      const [found] = rows
      if (!found) return false
      await tx.execute(sql`update deadlines set done = done + 1 where id = ${id}`)
      // Every seventh row always fails.
      if (found.number % 7 === 0) for (const one of fault.split('; ')) await tx.execute(sql.raw(one))
      order.push(found.number)
      return true
    },
  }
  const job = sweepJob('deadlines.pass', work)
  const sweep = () =>
    job.run(
      systemContext(database, now),
      {},
      (failure) => failures.push(failure),
      () => now,
    )
  return { database, run, sweep, order, failures }
}

t.test('a sweep reports rows that fail and continues with the others', async (t) => {
  const { run, sweep, order, failures } = await deadlines(t, 14)

  await sweep()

  t.same(order, [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13], 'the longest due first')
  t.same(failures.map(codeOf), ['22012', '22012'])
  t.same(await run('select number from deadlines where done = 0 order by number'), [
    { number: 7 },
    { number: 14 },
  ])
})

t.test(
  'more failures than a batch holds do not stop a sweep from reaching the rows behind them',
  async (t) => {
    const { run, sweep, failures } = await deadlines(t, 700)
    await run('update deadlines set number = number * 7 where number <= 300')

    await sweep()

    const [left] = await run('select count(*)::int as count from deadlines where done = 0 and number % 7 > 0')
    t.same(left, { count: 0 })
    t.ok(failures.length > 300)
  },
)

t.test('concurrent sweeps process each row once', async (t) => {
  const { run, sweep, order } = await deadlines(t, 40)

  await Promise.all([sweep(), sweep(), sweep()])
  await sweep()

  t.equal(order.length, 35)
  t.equal(new Set(order).size, 35)
  t.same(await run('select max(done) as most from deadlines'), [{ most: 1 }])
})

t.test('a sweep leaves locked rows for the next round', async (t) => {
  const { database, sweep, order } = await deadlines(t, 3)

  await database.transaction(async (tx) => {
    await tx.execute(sql`select 1 from deadlines where number = 2 for update`)
    await sweep()
  })
  t.same(order, [1, 3])
  await sweep()

  t.same(order, [1, 3, 2])
})

t.test('a sweep fails as a whole when the database is unreachable', async (t) => {
  const { run, sweep, order, failures } = await deadlines(
    t,
    14,
    'set role none; select pg_terminate_backend(pg_backend_pid())',
  )

  await t.rejects(sweep())

  t.same(order, [1, 2, 3, 4, 5, 6])
  t.same(failures, [])
  t.same(await run('select count(*)::int as count from deadlines where done = 0'), [{ count: 8 }])
})

t.test('expired rows are deleted in batches until none is left', async (t) => {
  const { database, run } = await deadlines(t, 450)
  const deleted: number[] = []
  const job = deletionJob('deadlines.forget', '0 * * * *', async (tx, at, limit) => {
    t.equal(at, now.toISOString())
    const { rowCount } = await tx.execute(
      sql`delete from deadlines where id in (select id from deadlines where number > 10 limit ${limit})`,
    )
    deleted.push(rowCount ?? 0)
    return rowCount ?? 0
  })

  await job.run(
    systemContext(database, now),
    {},
    (failure) => t.error(failure),
    () => now,
  )

  t.same(deleted, [200, 200, 40])
  t.same(await run('select count(*)::int as count from deadlines'), [{ count: 10 }])
})

t.test('a sweep dates each change when it is made, not when the sweep began', async (t) => {
  const { database } = await deadlines(t, 3)
  const dates: string[] = []
  let minutes = 0
  const clock = () => new Date(now.getTime() + minutes * 60_000)
  const work: Sweep = {
    due: async (db, { limit }) =>
      (await db.execute<{ id: string }>(sql`select id from deadlines order by number limit ${limit}`)).rows,
    carryOut: async (_tx, context) => {
      dates.push(context.now)
      minutes++
      return true
    },
  }

  await sweepJob('deadlines.pass', work).run(
    systemContext(database, now),
    {},
    (failure) => t.error(failure),
    clock,
  )

  t.same(dates, ['2026-03-02T10:00:00.000Z', '2026-03-02T10:01:00.000Z', '2026-03-02T10:02:00.000Z'])
})
