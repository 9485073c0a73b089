import t from 'tap'
import { sql } from 'drizzle-orm'
import type { Db } from '../../src/platform/database/database.ts'
import { visitsOf } from '../../src/visits/queries.ts'
import { asOwner } from '../databases.ts'
import { absentId } from '../fixtures/unions.ts'
import { delegateOf, inNovember, overTheChange, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { pactIn } from '../fixtures/world.ts'

const inSeptember = { startsAt: '2020-09-07T09:00', endsAt: '2020-09-08T17:00' }

/** Requests a list and returns the ids, in order. */
const idsOf = async ({ ask }: VisitWorld, token: string, search = '') => {
  const answer = await ask('GET', `/v1/visits?${search}`, { token })
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.data['data'].map((visit: { id: string }) => visit.id) as string[]
}

t.test('only the two sides of a visit list it, ordered by time', async (t) => {
  const world = await visitWorld(t)
  const { propose, house, ask, host, visitor, stranger, operatorToken } = world
  const november = (await propose({ windows: [inNovember] })).data.id
  const september = (await propose({ windows: [inSeptember] })).data.id
  const october = (await propose({ windows: [overTheChange] })).data.id
  const member = await delegateOf(house, host)

  for (const token of [host.token, visitor.token, member.token]) {
    t.same(await idsOf(world, token), [september, october, november])
  }
  t.same(await idsOf(world, stranger.token), [])
  t.equal((await ask('GET', '/v1/visits')).statusCode, 401)
  t.equal((await ask('GET', '/v1/visits', { token: operatorToken })).statusCode, 403)
})

t.test('the list of visits shows the same fields as a single visit', async (t) => {
  const { propose, accept, ask, host, read } = await visitWorld(t)
  const visit = (await propose()).data
  await accept({ id: visit.id, windows: visit.windows })

  const listed = (await ask('GET', '/v1/visits', { token: host.token })).data.data

  t.same(listed, [(await read(visit.id, host.token)).data])
})

t.test('the filters of the visit list work alone and combined', async (t) => {
  const world = await visitWorld(t)
  const { propose, host, visitor, stranger, house, pactId, move } = world
  const otherPact = await pactIn(house, 'active', { purpose: 'exchange' })
  const here = (await propose()).data.id
  const there = (await propose({ hostId: visitor.id, visitorId: host.id, pactId: otherPact })).data.id
  const off = (await propose({ windows: [inSeptember] })).data.id
  await move(off, 'cancel', visitor.token)
  const found = (search: string, token = host.token) => idsOf(world, token, search)

  t.same((await found('')).length, 3)
  t.same(await found(`hostId=${visitor.id}`), [there])
  t.same(await found(`hostId=${host.id}`), [off, here])
  t.same(await found(`pactId=${otherPact}`), [there])
  t.same(await found(`pactId=${pactId}&hostId=${host.id}&status=proposed`), [here])
  t.same(await found('status=cancelled'), [off])
  t.same((await found('status=cancelled&status=proposed')).length, 3)
  t.same((await found(`organisationId=${host.id}`)).length, 3)
  // The id of another organisation gives no access to its visits.
  t.same(await found(`organisationId=${visitor.id}`), [])
  t.same(await found(`hostId=${absentId}`), [])
  t.same(await found(`hostId=${host.id}`, stranger.token), [])
  t.same(await found(`pactId=${pactId}`, stranger.token), [])
})

t.test('from and to find visits that overlap by the chosen window, or by any offered one', async (t) => {
  const world = await visitWorld(t)
  const { propose, accept, host } = world
  const visit = (await propose({ windows: [inSeptember, inNovember] })).data
  const found = async (from: string, to: string) =>
    (await idsOf(world, host.token, `hostId=${host.id}&from=${from}&to=${to}`)).length

  // 6 November, 09:00 in Stuttgart, is 08:00Z.
  t.equal(await found('2020-09-08T14:59:59Z', '2020-09-09T00:00:00Z'), 1)
  t.equal(await found('2020-11-10T15:59:59Z', '2020-12-01T00:00:00Z'), 1)
  t.equal(await found('2020-11-10T16:00:00Z', '2020-12-01T00:00:00Z'), 0)
  t.equal(await found('2020-08-20T00:00:00Z', '2020-09-07T07:00:00Z'), 0)
  await accept({ id: visit.id, windows: [visit.windows[1]] })
  t.equal(await found('2020-09-07T07:00:00Z', '2020-09-09T00:00:00Z'), 0)
  t.equal(await found('2020-11-06T07:59:00Z', '2020-11-06T08:00:00.001Z'), 1)
  t.equal(await found('2020-11-06T07:59:00Z', '2020-11-06T08:00:00Z'), 0)
})

t.test('pages of visits have no gap, also when many visits begin at the same time', async (t) => {
  const world = await visitWorld(t)
  const { propose, ask, host } = world
  for (let n = 0; n < 5; n++) await propose()
  await propose({ windows: [inSeptember] })
  await propose({ windows: [inNovember] })

  for (const filter of ['', `hostId=${host.id}&`, `hostId=${host.id}&from=2020-08-01T00:00:00Z&`]) {
    const walked: string[] = []
    let url: string | undefined = `/v1/visits?${filter}limit=2`
    while (url !== undefined) {
      const page = await ask('GET', url, { token: host.token })
      walked.push(...page.data['data'].map((visit: { id: string }) => visit.id))
      url = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1]
    }
    t.same(walked, await idsOf(world, host.token, `${filter}limit=100`))
    t.equal(new Set(walked).size, 7)
  }
})

t.test('a visit between two organisations of the caller is listed once', async (t) => {
  const world = await visitWorld(t)
  const { propose, database, guest, host } = world
  const { id } = (await propose()).data
  await database.transaction((tx) =>
    tx.execute(sql`
    insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
    values (gen_random_uuid(), now(), now(), 'active', ${guest.delegateId}, ${host.id}, 'observer', '{}', '2020-01-01')`),
  )

  t.same(await idsOf(world, guest.token), [id])
  t.same(await idsOf(world, guest.token, `organisationId=${host.id}`), [id])
})

t.test('an invalid filter of the visit list is refused by name', async (t) => {
  const { ask, host } = await visitWorld(t)
  const cases: [string, string, string][] = [
    ['status=done', 'status', 'unknown_value'],
    ['from=2020-10-23', 'from', 'invalid_format'],
    ['from=2020-10-23T09:00:00Z&to=2020-10-23T09:00:00Z', 'to', 'ends_before_it_starts'],
    ['hostId=1', 'hostId', 'invalid_format'],
    ['visitorName=x', 'visitorName', 'unknown_parameter'],
    ['limit=101', 'limit', 'too_big'],
  ]

  for (const [search, parameter, code] of cases) {
    const refused = await ask('GET', `/v1/visits?${search}`, { token: host.token })
    t.equal(refused.statusCode, 422, search)
    t.match(refused.data.errors, [{ parameter, code }], search)
  }
})

t.test('a cursor of the visit list works only with its own filters', async (t) => {
  const { propose, ask, host } = await visitWorld(t)
  await propose()
  await propose()
  const { nextCursor } = (await ask('GET', '/v1/visits?limit=1', { token: host.token })).data

  const refused = await ask('GET', `/v1/visits?status=proposed&cursor=${nextCursor}`, { token: host.token })

  t.equal(refused.statusCode, 400)
  t.equal(refused.data.code, 'cursor_mismatch')
})

t.test('every combination of filters of the visit list uses an index', async (t) => {
  const world = await visitWorld(t)
  const { database, host, pactId } = world
  await seedVisits(world, 20_000)
  const plans: string[] = []
  const explaining = {
    $client: {
      query: async ({ text }: { text: string }, values: unknown[]) => {
        const { rows } = await database.read.$client.query({ text: `explain ${text}` }, values)
        plans.push((rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n'))
        return { rows: [] }
      },
    },
  } as unknown as Db
  const own = [host.id]
  const choices = {
    hostId: [undefined, host.id],
    pactId: [undefined, pactId],
    status: [undefined, ['proposed' as const]],
    from: [undefined, '2019-01-01T00:00:00Z'],
    to: [undefined, '2019-06-01T00:00:00Z'],
    updatedAfter: [undefined, '2019-05-01T00:00:00Z'],
    after: [undefined, { value: '2019-03-01T00:00:00Z', id: absentId }],
  }

  for (const hostId of choices.hostId)
    for (const pact of choices.pactId)
      for (const status of choices.status)
        for (const from of choices.from)
          for (const to of choices.to)
            for (const updatedAfter of choices.updatedAfter)
              for (const after of choices.after)
                await visitsOf(explaining, {
                  own,
                  hostId,
                  pactId: pact,
                  status,
                  from,
                  to,
                  updatedAfter,
                  after,
                  limit: 51,
                })

  t.equal(plans.length, 128)
  for (const plan of plans) t.notMatch(plan, /Seq Scan on visits/)
})

/** Visits spread over a hundred unions and ten years; every tenth has the host of this world. */
async function seedVisits({ database, ownerUrl, host, visitor, pactId }: VisitWorld, count: number) {
  await database.transaction(async (tx) => {
    await tx.execute(sql`insert into organisations (id, created_at, updated_at, status, kind, name, country)
      select gen_random_uuid(), now(), now(), 'verified', 'union', 'Seeded ' || n, 'DE' from generate_series(1, 100) n`)
    await tx.execute(sql`insert into pacts (id, created_at, updated_at, status, title, purpose, proposer_id)
      select id, now(), now(), 'draft', name, 'exchange', id from organisations where name like 'Seeded %'`)
    await tx.execute(sql`insert into pact_parties (pact_id, organisation_id, standing, added_at)
      select o.id, party.id, 'party', now() from organisations o
      cross join lateral (values (o.id), (${visitor.id}::uuid)) party (id) where o.name like 'Seeded %'`)
    await tx.execute(sql`insert into visits (id, created_at, updated_at, status, pact_id, host_id, visitor_id, offered_by,
        purpose, mode, time_zone, windows, span_starts_at, span_ends_at, needs)
      select gen_random_uuid(), now(), now(), 'proposed', case when n % 10 = 0 then ${pactId} else union_id end,
        case when n % 10 = 0 then ${host.id} else union_id end, ${visitor.id}, 'host', 'A visit to the works.', 'in_person',
        'Europe/Berlin', '[{}]', at, at + interval '4 days', '{}'
      from (select n, timestamptz '2015-01-01' + n * interval '4 hours' as at, ids[1 + n % 100] as union_id
        from generate_series(1, ${count}) n,
          (select array_agg(id) as ids from organisations where name like 'Seeded %') seeded) spread`)
  })
  await asOwner(ownerUrl, 'analyze')
}
