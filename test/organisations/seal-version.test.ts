/** Which organisations are sealed is known to every request, and costs the same however many are sealed. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { callerByTokenHash } from '../../src/delegates/queries.ts'
import { rlsContextOf } from '../../src/platform/database/rls-context.ts'
import { hashOf } from '../../src/platform/secrets.ts'
import { visitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

async function world(t: Test) {
  const house = await visitWorld(t)
  done(await house.propose())
  const [owner, other] = [1, 2].map(() => new pg.Client({ connectionString: house.ownerUrl })) as [
    pg.Client,
    pg.Client,
  ]
  await Promise.all([owner.connect(), other.connect()])
  t.teardown(() => Promise.all([owner.end(), other.end()]))
  const version = async () =>
    (await owner.query<{ version: string }>('select version from seal_version')).rows[0]?.version
  const caller = async () => {
    const found = await callerByTokenHash(
      house.database.read,
      hashOf(house.visitor.token),
      house.now().toISOString(),
    )
    if (found?.kind !== 'delegate') throw new Error('a delegate holds this token')
    return found
  }
  const seen = async () => (await house.ask('GET', '/v1/visits', { token: house.visitor.token })).data['data']
  return { ...house, house, owner, other, version, caller, seen }
}

const seal = (id: string, at = 'now()') => `update organisations set sealed_at = ${at} where id = '${id}'`

t.test('every change of a seal, and nothing else, gives the list of seals another version', async (t) => {
  const { owner, version, host, stranger } = await world(t)
  const added = `insert into organisations (id, created_at, updated_at, status, kind, name, country, sealed_at)
    values ('${host.mandateId}', now(), now(), 'verified', 'union', 'Weavers', 'BY', now())`
  const changes: [change: string, isOther: boolean][] = [
    [seal(host.id), true],
    [`update organisations set name = 'Union of miners' where id = '${host.id}'`, false],
    [seal(host.id, 'null'), true],
    [seal(host.id, 'null'), false],
    [`update organisations set status = 'suspended' where id = '${stranger.id}'`, false],
    [added, true],
    [`delete from organisations where id = '${host.mandateId}'`, true],
  ]

  for (const [change, isOther] of changes) {
    const before = await version()
    await owner.query(change)
    t.equal((await version()) !== before, isOther, change)
  }
})

t.test('two seals that are set at the same time do not wait for each other, and both apply', async (t) => {
  const { owner, other, host, stranger, caller, seen } = await world(t)
  t.equal((await seen()).length, 1)

  await owner.query('begin')
  await owner.query(seal(stranger.id))
  await other.query("set lock_timeout = '1s'")
  await other.query(seal(host.id))
  t.equal((await seen()).length, 0, 'the second is committed first')
  await owner.query('commit')

  t.same([...(await caller()).sealedOrganisations].sort(), [host.id, stranger.id].sort())
  await owner.query(seal(host.id, 'null'))
  t.equal((await seen()).length, 1)
})

t.test('a request costs the same with ten thousand sealed organisations as with one', async (t) => {
  const { house, owner, host, stranger, caller, seen } = await world(t)
  await owner.query(seal(stranger.id))
  const cost = async () => {
    await owner.query('vacuum analyze organisations, seal_version')
    const scope = rlsContextOf(await caller())
    const read = house.database.as(scope).read.$client
    const plans = await Promise.all([
      pagesOf(read, `select * from visits`),
      pagesOf(read, `select * from pacts`),
      pagesOf(house.database.read.$client, 'select version from seal_version'),
    ])
    return { pages: plans.reduce((sum, pages) => sum + pages, 0), context: JSON.stringify(scope).length }
  }
  const one = await cost()

  await owner.query(`insert into organisations (id, created_at, updated_at, status, kind, name, country, sealed_at)
    select gen_random_uuid(), now(), now(), 'verified', 'union', 'Union ' || n, 'BY', now() from generate_series(1, 2000) n`)
  for (let i = 0; i < 4; i++)
    await owner.query(`insert into organisations (id, created_at, updated_at, status, kind, name, country, sealed_at)
      select gen_random_uuid(), now(), now(), 'verified', 'union', 'Union ' || n, 'BY', now() from generate_series(1, 2000) n`)

  t.equal((await caller()).sealedOrganisations.size, 10_001)
  t.equal((await seen()).length, 1)
  const many = await cost()
  t.equal(many.context, one.context, 'nothing of the list goes to PostgreSQL')
  t.ok(many.pages <= one.pages + 10, `${many.pages} pages instead of ${one.pages}`)
  await owner.query(seal(host.id))
  t.equal((await seen()).length, 0, 'and the next seal applies at once')
})

/** Pages that PostgreSQL reads for the second execution, when its catalogue is known. */
async function pagesOf(
  client: { query(text: string): Promise<{ rows: unknown[] }> },
  statement: string,
): Promise<number> {
  await client.query(`explain (analyze, buffers, format json) ${statement}`)
  const { rows } = await client.query(`explain (analyze, buffers, format json) ${statement}`)
  const [{ Plan: plan }] = (rows[0] as { 'QUERY PLAN': [{ Plan: Record<string, number> }] })['QUERY PLAN']
  return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
}
