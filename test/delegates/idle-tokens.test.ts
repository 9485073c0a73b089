/** Tokens that were unused for 30 days are invalid. */
import t from 'tap'
import { jobs } from '../../src/jobs.ts'
import type { OpenDatabase } from '../../src/platform/database/database.ts'
import { sql } from 'drizzle-orm'
import { tokenWorld } from '../fixtures/tokens.ts'
import { registerUnion, ledgerOf } from '../fixtures/unions.ts'
import { openHouse, type House } from '../harness.ts'

const jobNamed = (name: string) => jobs.find((job) => job.name === name) ?? t.bailout(name)
const run = (house: House, name: string) => house.run(jobNamed(name) as (typeof jobs)[number])

const lasting = (house: House) =>
  house.database.read.$client.query(`update tokens set expires_at = '2027-03-02T10:00:00Z'`, [])

t.test('a token unused for 30 days is refused, and one request a month keeps it valid', async (t) => {
  const { house, union, mint, meWith, travelTo } = await tokenWorld(t)
  const used = (await mint(union.token, { scopes: ['pacts:read'] })).data
  await lasting(house)

  travelTo('2026-04-01T10:00:00.000Z')
  t.equal((await meWith(used.secret)).statusCode, 200, 'valid on day 30')
  travelTo('2026-04-02T00:00:00.000Z')
  t.equal((await meWith(union.token)).statusCode, 401, 'invalid on day 31')
  travelTo('2026-05-01T23:59:59.000Z')
  t.equal((await meWith(used.secret)).statusCode, 200)
})

t.test('a job revokes idle tokens with a ledger entry, and deletes them a month later', async (t) => {
  const { house, union, mint, meWith, travelTo } = await tokenWorld(t)
  const { id } = (await mint(union.token, { scopes: ['pacts:read'] })).data
  await lasting(house)
  travelTo('2026-04-01T10:00:00.000Z')
  await meWith(union.token)
  travelTo('2026-04-02T10:00:00.000Z')
  const kept = async () =>
    (
      await house.database.read.$client.query(
        'select revoked_at is not null as dead from tokens where id = $1',
        [id],
      )
    ).rows

  await run(house, 'tokens.revoke_idle')

  t.same(await kept(), [{ dead: true }])
  t.match((await ledgerOf(house, id)).at(-1), { type: 'token.revoked', actor_kind: 'system' })
  t.equal((await meWith(union.token)).statusCode, 200, 'a token in use stays valid')
  await run(house, 'tokens.forget_dead')
  t.same(await kept(), [{ dead: true }])
  travelTo('2026-05-03T10:00:00.000Z')
  await run(house, 'tokens.forget_dead')
  t.same(await kept(), [])
})

t.test('the only trace of using a token is one date, written once a day', async (t) => {
  const { house, union, meWith, travelTo } = await tokenWorld(t)
  const row = async () =>
    (
      await house.database.read.$client.query(
        'select used_on::text as on, xmin::text as written from tokens where delegate_id = $1',
        [union.delegateId],
      )
    ).rows[0] as { on: string; written: string }
  const first = await row()
  await meWith(union.token)
  t.same(await row(), first, 'the day of issue counts as use')

  travelTo('2026-03-03T09:00:00.000Z')
  await Promise.all([meWith(union.token), meWith(union.token)])
  const second = await row()
  travelTo('2026-03-03T21:00:00.000Z')
  await meWith(union.token)

  t.equal(second.on, '2026-03-03')
  t.same(await row(), second)
})

t.test('a read-only database still answers requests with a token', async (t) => {
  let isReadOnly = false
  const wrap = (database: OpenDatabase): OpenDatabase => ({
    ...database,
    transaction: (work) =>
      database.transaction(async (tx) => {
        if (isReadOnly) await tx.execute(sql`set transaction read only`)
        return work(tx)
      }),
  })
  const house = await openHouse(t, { wrap })
  const { token } = await registerUnion(house)
  isReadOnly = true
  house.travelTo('2026-03-04T10:00:00.000Z')

  t.equal((await house.ask('GET', '/v1/me', { token })).statusCode, 200)
})
