import { sql } from 'drizzle-orm'
import pg from 'pg'
import t, { type Test } from 'tap'
import { asOwner, cloneDatabase } from '../databases.ts'
import { openHouse } from '../harness.ts'
import { watchDatabase } from './emptied-database.ts'
import { takeDatabase } from './ready-databases.ts'

const union = { kind: 'union', name: 'Our union', country: 'DE', secretary: { displayName: 'Vesna' } }

async function watched(t: Test) {
  const database = await cloneDatabase()
  const { empty, close } = await watchDatabase(database.ownerUrl)
  t.teardown(async () => {
    await close()
    await database.drop()
  })
  return { database, empty }
}

t.test('a database is emptied for the next test, and its ledger begins anew', async (t) => {
  const { database, empty } = await watched(t)
  const house = await openHouse(t, { from: { ...database, drop: async () => undefined } })
  const register = () => house.ask('POST', '/v1/organisations', { body: union })
  const positions = async () => {
    const { read } = house.database
    return (await read.execute<{ position: number }>(sql`select position from ledger order by 1`)).rows
  }
  t.equal((await register()).statusCode, 201)
  // Without the token of the operator, which the house made.
  const entries = (await positions()).length - 1

  t.ok(await empty())

  t.same(await positions(), [])
  t.same((await house.ask('GET', '/v1/organisations')).data['data'], [])
  t.equal((await register()).statusCode, 201)
  t.same([(await positions()).length, Number((await positions())[0]?.position)], [entries, 1])
})

const lasting = {
  'a column': 'alter table organisations add column more text',
  'a trigger': 'alter table ledger disable trigger all',
  'a policy': 'alter table tokens disable row level security',
  'a right': 'grant select on ledger to public',
  'a function': `create function more() returns int language sql as 'select 1'`,
  'a statistic': 'analyze organisations',
  'a queue': 'update jobs.queue set retry_limit = 99',
  'a migration': 'delete from migrations',
}

for (const [name, statement] of Object.entries(lasting)) {
  t.test(`a database in which a test changed ${name} is not used again`, async (t) => {
    const { database, empty } = await watched(t)

    await asOwner(database.ownerUrl, statement)

    t.notOk(await empty())
  })
}

t.test('a database in which a test left a session open is not used again', async (t) => {
  const { database, empty } = await watched(t)
  const left = new pg.Client({ connectionString: database.ownerUrl })
  await left.connect()
  t.teardown(() => left.end())

  t.notOk(await empty())
})

t.test('no transaction begins after the end of its test', async (t) => {
  const { database, release } = await takeDatabase((error) => t.error(error))

  await release()

  await t.rejects(
    database.transaction(async () => t.fail()),
    /the test of this transaction has ended/,
  )
})
