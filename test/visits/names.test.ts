/** A visit carries the names of its sides and of its pact. They always equal those of the organisations and the pact. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { visitWorld } from '../fixtures/visits.ts'
import { done, draftPact, propose as proposePact, respond, sign } from '../fixtures/world.ts'
import { holdRowLocks } from '../fixtures/row-locks.ts'

async function world(t: Test) {
  const house = await visitWorld(t)
  const owner = new pg.Client({ connectionString: house.ownerUrl })
  await owner.connect()
  t.teardown(() => owner.end())
  const visit = done(await house.propose()).data as { id: string; url: string }
  return { ...house, house, owner, visit }
}

const kept = `select id, host_name, visitor_name, pact_title from visits order by id`
const joined = `select visits.id, host.name as host_name, visitor.name as visitor_name, pacts.title as pact_title
  from visits join organisations host on host.id = host_id join organisations visitor on visitor.id = visitor_id
  join pacts on pacts.id = pact_id order by visits.id`

async function requireEqual(t: Test, client: pg.Client, what: string) {
  const { rows } = await client.query(joined)
  t.same((await client.query(kept)).rows, rows, what)
  return rows[0] as Record<string, string>
}

t.test('after every change of a name, a visit and the list of visits show the new one at once', async (t) => {
  const { ask, owner, host, visitor, visit, pactId, stranger } = await world(t)
  const rename = (id: string, name: string) => `update organisations set name = '${name}' where id = '${id}'`
  const changes: Record<string, string> = {
    'the host is renamed': rename(host.id, 'Union of miners'),
    'the visitor is renamed': rename(visitor.id, 'Coordination of the south'),
    'another organisation is renamed': rename(stranger.id, 'Union of bakers'),
    'all organisations are renamed': `update organisations set name = 'One of ' || name`,
    'the pact has another title': `update pacts set title = 'Pact of two' where id = '${pactId}'`,
    'somebody writes other names into the visit': `update visits set host_name = 'A', visitor_name = 'B', pact_title = 'C'`,
    'the sides are exchanged': 'update visits set host_id = visitor_id, visitor_id = host_id',
  }

  await requireEqual(t, owner, 'at first')
  for (const [what, change] of Object.entries(changes)) {
    await owner.query(change)
    const { host_name, visitor_name, pact_title } = await requireEqual(t, owner, what)
    const shown = (await ask('GET', visit.url, { token: host.token })).data
    const listed = (await ask('GET', '/v1/visits', { token: host.token })).data['data'][0]
    for (const { host, visitor, pact } of [shown, listed])
      t.same([host.name, visitor.name, pact.name], [host_name, visitor_name, pact_title], what)
  }
})

t.test('a visit that is proposed while a side is renamed shows the new name', async (t) => {
  const { house, ownerUrl, owner, host, propose } = await world(t)
  const { waiting, release } = await holdRowLocks(
    t,
    ownerUrl,
    `update organisations set name = 'Union of miners' where id = $1 returning id`,
    [host.id],
  )
  const proposing = propose()
  await waiting(1)
  await release()
  done(await proposing)
  await requireEqual(t, owner, 'the renaming came first')

  const insert = new pg.Client({ connectionString: house.ownerUrl })
  await insert.connect()
  t.teardown(() => insert.end())
  await insert.query('begin')
  await insert.query(
    `insert into visits select (jsonb_populate_record(visits, '{"id": "${host.mandateId}"}')).* from visits limit 1`,
  )
  const renaming = owner.query(`update organisations set name = 'Union of bakers' where id = '${host.id}'`)
  const { waiting: waitingToo, release: end } = await holdRowLocks(t, ownerUrl, 'select $1 as nothing', ['-'])
  await waitingToo(1)
  await insert.query('commit')
  await renaming
  await end()
  t.match(await requireEqual(t, owner, 'the visit came first'), { host_name: 'Union of bakers' })
})

t.test('a seal of a third party hides the visits of the others under the same pact', async (t) => {
  const { house, ask, propose, host, visitor, stranger, icog, union } = await world(t)
  const pactId = await draftPact(house, { parties: [union, stranger], purpose: 'exchange' })
  await proposePact(house, icog, pactId)
  for (const party of [host, stranger]) done(await respond(house, party, pactId, 'accept'))
  for (const party of [visitor, host, stranger]) done(await sign(house, party, pactId))
  const of = { windows: [{ startsAt: '2020-10-01T09:00', endsAt: '2020-10-02T17:00' }] }
  const { id } = done(await propose({ pactId, ...of })).data as { id: string }
  const seen = async (query = '') => {
    const list = (await ask('GET', `/v1/visits?limit=1${query}`, { token: host.token })).data
    const status = (await ask('GET', `/v1/visits/${id}`, { token: host.token })).statusCode
    return [status, (list['data'] as { id: string }[]).some((one) => one.id === id), list['data'].length]
  }
  t.same(await seen(), [200, true, 1], 'it comes first')

  done(await ask('PUT', `${stranger.url}/seal`, { token: stranger.token }))

  t.same(await seen(), [404, false, 1], 'and the page is full without it')
  t.same(await seen(`&hostId=${host.id}`), [404, false, 1])
  t.same(await seen(`&pactId=${pactId}`), [404, false, 0])
})
