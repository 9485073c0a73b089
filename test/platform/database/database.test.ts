import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { sql } from 'drizzle-orm'
import pg from 'pg'
import { connectDatabase, type OpenDatabase, type Tx } from '../../../src/platform/database/database.ts'
import { organisationById } from '../../../src/organisations/queries.ts'
import { serviceRole } from '../../../src/platform/database/roles.ts'
import { asOwner, cloneDatabase, testServer } from '../../databases.ts'
import { registerUnion } from '../../fixtures/unions.ts'
import { openHouse, type Answer } from '../../harness.ts'

async function openDatabase(t: Test, ...tables: string[]): Promise<OpenDatabase> {
  const { url, ownerUrl, drop } = await cloneDatabase()
  for (const table of tables) await asOwner(ownerUrl, `${table}; grant all on seats to ${serviceRole}`)
  const database = await connectDatabase({ url, readConnections: 2, poolConnectionsMax: 4 })
  t.teardown(async () => {
    await database.close()
    await drop()
  })
  return database
}

t.test('each of 5,000 mixed reads over shared connections gets its own rows or its own error', async (t) => {
  const house = await openHouse(t)
  const { read } = house.database
  const unions = await Promise.all(['Alpha', 'Beta', 'Gamma'].map((name) => registerUnion(house, { name })))
  const wrong: string[] = []
  const expect = (met: boolean, what: string) => void (met || wrong.push(what))

  const kinds: ((n: number) => Promise<void>)[] = [
    async (n) => {
      const { rows } = await read.execute<{ n: number }>(sql`select ${n}::int as n`)
      expect(rows.length === 1 && rows[0]?.n === n, `number ${n}`)
    },
    async (n) => {
      const union = unions[n % unions.length]
      const row = await organisationById(read, union?.id ?? '')
      expect(row?.name === union?.name, `organisation ${n}`)
    },
    async (n) => {
      const { rows } = await read.execute(sql`select generate_series(1, ${n % 50}::int) as n`)
      expect(rows.length === n % 50, `series ${n}`)
    },
    async (n) => expect((await codeOf(read.execute(sql`select 1 / ${0}::int`))) === '22012', `division ${n}`),
    async (n) => expect((await codeOf(read.execute(sql`select ${`x${n}`}::uuid`))) === '22P02', `cast ${n}`),
    async (n) => expect((await codeOf(read.execute(sql`select * from nowhere`))) === '42P01', `table ${n}`),
    async (n) => expect((await codeOf(organisationById(read, `x${n}`))) === '22P02', `prepared ${n}`),
  ]
  await Promise.all(Array.from({ length: 5000 }, async (_, n) => kinds[(n * 7919) % kinds.length]?.(n)))

  t.same(wrong, [])
})

/** The SQLSTATE of the failure. */
async function codeOf(statement: Promise<unknown>): Promise<unknown> {
  try {
    await statement
    return 'none'
  } catch (error) {
    const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
    return cause?.code ?? code
  }
}

/** Resolves for all callers when the expected number of them have arrived. */
function meeting(expected: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let come = 0
  return () => {
    if (++come === expected) resolve()
    return promise
  }
}

t.test('a transaction that lost a deadlock is retried once', async (t) => {
  const database = await openDatabase(
    t,
    'create table seats (id int primary key, taken int not null default 0)',
  )
  await database.read.execute(sql`insert into seats (id) values (1), (2)`)
  const met = meeting(2)
  let attempts = 0
  const take = (first: number, second: number) =>
    database.transaction(async (tx) => {
      attempts++
      await tx.execute(sql`update seats set taken = taken + 1 where id = ${first}`)
      await met()
      await tx.execute(sql`update seats set taken = taken + 1 where id = ${second}`)
    })

  await Promise.all([take(1, 2), take(2, 1)])

  const { rows } = await database.read.execute(sql`select taken from seats order by id`)
  t.same(rows, [{ taken: 2 }, { taken: 2 }])
  t.equal(attempts, 3)
})

t.test('a failed transaction leaves nothing, also when its error was caught inside', async (t) => {
  const database = await openDatabase(t, 'create table seats (id int primary key)')
  const insert = (tx: Tx) => tx.execute(sql`insert into seats values (1)`)

  await t.rejects(
    database.transaction(async (tx) => {
      await insert(tx)
      throw new Error('changed my mind')
    }),
    { message: 'changed my mind' },
  )
  await t.rejects(
    database.transaction(async (tx) => {
      await insert(tx)
      await tx.execute(sql`select 1 / 0`).catch(() => undefined)
    }),
    { message: /rolled back/ },
  )

  t.equal((await database.read.execute(sql`select * from seats`)).rows.length, 0)
  await database.transaction(insert)
  t.equal(
    (await database.read.execute(sql`select * from seats`)).rows.length,
    1,
    'the connection is good again',
  )
})

t.test('requests answer 503 while the database is unreachable, and succeed when it is back', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const assassin = new pg.Client({ connectionString: house.ownerUrl })
  await assassin.connect()
  t.teardown(() => assassin.end())
  const read = () => house.ask('GET', union.url, { token: union.token })
  const write = () =>
    house.ask('POST', `${union.url}/worksites`, {
      token: union.token,
      body: { employer: 'Belaz', place: 'Zhodzina', country: 'BY', industry: '2824' },
    })
  const many = () => Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? read() : write())))

  const running = many()
  await assassin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name = 'solidarity-pact'`)
  const answers: Answer[] = [...(await running), ...(await many())]

  const refused = answers.filter((answer) => answer.statusCode === 503)
  t.ok(refused.length > 0)
  t.same(
    [...new Set(answers.map((answer) => answer.statusCode))].filter(
      (status) => ![200, 201, 503].includes(status),
    ),
    [],
  )
  for (const answer of refused) {
    t.match([answer.data.code, answer.headers['retry-after']], ['unavailable', /^[1-9]\d*$/])
  }
  for (let tries = 0; (await read()).statusCode === 503 && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  t.same([...new Set((await many()).map((answer) => answer.statusCode))].sort(), [200, 201])
  const made = await house.database.read.execute(sql`select count(*)::int as n from worksites`)
  const told = await house.database.read.execute(
    sql`select count(*)::int as n from ledger where type = 'worksite.created'`,
  )
  t.same(made.rows, told.rows, 'and no change is without its entry')
})

t.test('every kind of read and write answers 503 when the database refuses connections', async (t) => {
  const lines: string[] = []
  const house = await openHouse(t, {
    log: { write: (line) => lines.push(line) },
    onJobError: () => undefined,
  })
  const union = await registerUnion(house)
  const server = new pg.Client({ connectionString: testServer().serverUrl })
  await server.connect()
  t.teardown(() => server.end())
  const name = new URL(house.ownerUrl).pathname.slice(1)
  const allow = (whether: boolean) => server.query(`alter database ${name} allow_connections ${whether}`)
  const askAll = () =>
    Promise.all([
      house.ask('GET', '/readyz'),
      house.ask('GET', '/v1/organisations?q=union'),
      house.ask('GET', `/v1/affiliations/${union.id}`),
      house.ask('GET', union.url, { token: union.token }),
      house.ask('GET', '/v1/me', { token: union.token }),
      house.ask('POST', '/v1/organisations', {
        body: { kind: 'union', name: 'Another', country: 'BY', secretary: { displayName: 'Vesna' } },
      }),
    ])

  await allow(false)
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  // The first requests may still get connections that are being closed.
  const refused = [...(await askAll()), ...(await askAll())]
  const alive = await house.ask('GET', '/livez')
  await allow(true)
  while ((await house.ask('GET', '/readyz')).statusCode === 503) await setImmediate()

  for (const answer of refused)
    t.match([answer.statusCode, answer.data.code, answer.headers['retry-after']], [503, 'unavailable', '2'])
  t.equal(alive.statusCode, 200)
  t.same(
    (await askAll()).map(({ statusCode }) => statusCode),
    [200, 200, 404, 200, 200, 201],
  )
  const faults = lines.map((line) => JSON.parse(line) as Fault).filter(({ msg }) => msg === 'request failed')
  t.ok(faults.length >= refused.length)
  t.same(
    faults.filter(({ err }) => err.code === undefined),
    [],
    'the log has a code for each',
  )
})

type Fault = { msg: string; err: { code?: string } }
