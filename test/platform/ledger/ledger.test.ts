import t from 'tap'
import pg from 'pg'
import { ledgerOf, registerUnion } from '../../fixtures/unions.ts'
import { asOwner } from '../../databases.ts'
import { openHouse } from '../../harness.ts'

t.test('the database refuses to change or delete ledger entries, also for its owner', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const before = await ledgerOf(house, union.id)
  const superuser = new pg.Client({ connectionString: house.ownerUrl })
  await superuser.connect()
  t.teardown(() => superuser.end())

  for (const statement of [
    "update ledger set move = 'otherwise'",
    'delete from ledger',
    'truncate ledger',
    'truncate ledger, organisations cascade',
    'insert into ledger select * from ledger on conflict (position) do update set move = null',
  ]) {
    await t.rejects(superuser.query(statement), statement)
  }
  for (const statement of ["update ledger set move = 'otherwise'", 'delete from ledger', 'truncate ledger']) {
    await t.rejects(superuser.query(statement), { code: '23001', message: 'ledger is append-only' })
  }

  t.equal(before.length, 1)
  t.same(await ledgerOf(house, union.id), before)
})

t.test('a change and its ledger entry commit together or not at all', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  await asOwner(house.ownerUrl, 'alter table ledger add constraint full_ledger check (false) not valid')

  const answer = await house.askFresh('PATCH', union.url, { token: union.token, body: { about: 'Changed.' } })

  t.ok(answer.statusCode >= 400)
  t.match((await house.ask('GET', union.url, { token: union.token })).data, { about: null, version: 1 })
  t.equal((await ledgerOf(house, union.id)).length, 1)
})
