/** Lists of what has changed: `updatedAfter` of organisations, pacts and visits. */
import t from 'tap'
import { committedContract } from './contract-checker.ts'
import { asOwner } from './databases.ts'
import { holdRowLocks } from './fixtures/row-locks.ts'
import { recordStatements } from './fixtures/statement-log.ts'
import { inNovember, visitWorld, type VisitWorld } from './fixtures/visits.ts'
import { done } from './fixtures/world.ts'

/** Clients ask again for changes since this long before their last request. */
const overlapMs = 30_000

const secondsLater = (instant: string, seconds: number): string =>
  new Date(Date.parse(instant) + seconds * 1000).toISOString()

const idsIn = async ({ ask, icog }: VisitWorld, url: string, token = icog.token): Promise<string[]> =>
  done(await ask('GET', url, { token })).data['data'].map(({ id }: { id: string }) => id)

/** The lists, each with a row that a request changes; the visitor of the visit is ICOG. */
async function changeable(world: VisitWorld) {
  const { visitIn, pactId, icog, askFresh, move, visitor } = world
  const visitId = await visitIn('accepted')
  const rename = { token: icog.token, body: { about: 'We organise all shifts.' } }
  const draft = await world.ask('POST', '/v1/pacts', {
    token: icog.token,
    body: { organisationId: icog.id, title: 'Exchange', purpose: 'exchange', partyIds: [world.union.id] },
  })
  const draftId = done(draft).data['id'] as string
  return {
    pactId,
    changes: [
      ['organisations', icog.id, () => askFresh('PATCH', icog.url, rename)],
      ['visits', visitId, () => move(visitId, 'cancel', visitor.token)],
      [
        'pacts',
        draftId,
        () =>
          askFresh('POST', `/v1/pacts/${draftId}/transitions`, {
            token: icog.token,
            body: { move: 'withdraw' },
          }),
      ],
    ] as const,
  }
}

t.test('updatedAfter 30 seconds back finds a change that was committed 20 seconds late', async (t) => {
  const world = await visitWorld(t)
  const { changes } = await changeable(world)

  for (const [list, id, change] of changes) {
    const before = secondsLater(world.now().toISOString(), 60)
    world.travelTo(before)
    const row = await holdRowLocks(t, world.ownerUrl, `select 1 from ${list} where id = $1 for update`, [id])
    const changed = change()
    await row.waiting(1)
    const lastAsked = secondsLater(before, 20)
    world.travelTo(lastAsked)
    const found = (after: string) => idsIn(world, `/v1/${list}?updatedAfter=${after}`)
    const overlapping = new Date(Date.parse(lastAsked) - overlapMs).toISOString()

    t.notOk((await found(overlapping)).includes(id), `${list}: not committed yet`)
    await row.release()
    done(await changed)

    t.notOk((await found(lastAsked)).includes(id), `${list}: missed by who asks without overlap`)
    t.ok((await found(overlapping)).includes(id), `${list}: found by who asks 30 seconds back`)
  }
})

t.test('every updatedAfter parameter says to ask 30 seconds back', async (t) => {
  const { paths } = committedContract()
  const described = Object.entries(paths).flatMap(([path, { get }]) =>
    (get?.parameters ?? []).flatMap((parameter) =>
      'name' in parameter && parameter.name === 'updatedAfter'
        ? [[path, parameter.description] as const]
        : [],
    ),
  )

  t.same(
    described.map(([path]) => path),
    ['/v1/organisations', '/v1/pacts', '/v1/visits'],
  )
  for (const [path, description] of described) t.match(description, /30 seconds before/, path)
})

t.test(
  'updatedAfter lists only later changes, with every other filter, and excludes that instant',
  async (t) => {
    const world = await visitWorld(t)
    const { propose, host, stranger, icog } = world
    const start = world.now().toISOString()
    const visitId = (await propose({ windows: [inNovember] })).data.id as string
    world.travelTo(secondsLater(start, 60))
    const later = (await propose()).data.id as string
    for (const { url, token } of [host, icog])
      done(await world.askFresh('PATCH', url, { token, body: { about: 'Changed.' } }))
    const at = world.now().toISOString()

    t.same(await idsIn(world, `/v1/visits?updatedAfter=${start}`), [later])
    t.same(await idsIn(world, `/v1/visits?updatedAfter=${at}`), [])
    t.same(await idsIn(world, `/v1/visits?updatedAfter=${secondsLater(start, -1)}`), [later, visitId])
    t.same(await idsIn(world, `/v1/visits?hostId=${host.id}&status=proposed&updatedAfter=${start}`), [later])
    t.same(await idsIn(world, `/v1/visits?updatedAfter=${start}`, stranger.token), [])
    t.same((await idsIn(world, `/v1/organisations?updatedAfter=${start}`)).sort(), [host.id, icog.id].sort())
    t.same(await idsIn(world, `/v1/organisations?updatedAfter=${start}&country=DE&kind=union`), [host.id])
    t.same(await idsIn(world, `/v1/organisations?updatedAfter=${at}`), [])
    const found = `/v1/organisations?q=${encodeURIComponent('Metal union')}`
    t.same(await idsIn(world, `${found}&updatedAfter=${start}`), [host.id])
    t.same(await idsIn(world, `${found}&updatedAfter=${at}`), [])
    const refused = await world.ask('GET', '/v1/organisations?updatedAfter=yesterday')
    t.equal(refused.statusCode, 422)
    t.match(refused.data.errors, [{ parameter: 'updatedAfter', code: 'invalid_format' }])
  },
)

t.test(
  'updatedAfter on many organisations reads only the changed rows, in the order of changes',
  async (t) => {
    const world = await visitWorld(t)
    const { database, ownerUrl, ask } = world
    await asOwner(
      ownerUrl,
      `insert into organisations (id, created_at, updated_at, status, kind, name, country)
      select gen_random_uuid(), '2019-01-01'::timestamptz, '2019-01-01'::timestamptz + n * interval '1 minute', 'verified',
        'union', 'Seeded ' || n, 'DE' from generate_series(1, 20000) n`,
    )
    await asOwner(ownerUrl, 'analyze organisations')
    const heard = recordStatements(database)
    const walked: { id: string; updatedAt: string }[] = []
    // Minute 19,981 is the twentieth from the end.
    let url: string | undefined = '/v1/organisations?updatedAfter=2019-01-14T21:00:00Z&country=DE&limit=7'
    while (url !== undefined) {
      const page = done(await ask('GET', url))
      walked.push(...page.data['data'])
      url = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1]
    }

    const inOrder = walked.map(({ updatedAt }) => updatedAt)
    t.ok(walked.length > 20, `${walked.length}`)
    t.equal(new Set(walked.map(({ id }) => id)).size, walked.length)
    t.same(inOrder, [...inOrder].sort().reverse(), 'what changed last comes first')
    const lists = heard.filter(({ text }) => /from "organisations".* order by/s.test(text))
    t.ok(lists.length > 3)
    for (const { text, values } of lists) {
      const { rows } = await database.read.$client.query(`explain (analyze, costs off) ${text}`, values)
      const plan = (rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n')
      t.match(plan, /using organisations_changed/)
      t.notMatch(plan, /Seq Scan on organisations/)
      t.notMatch(plan, /Rows Removed by Filter: \d{3}/)
    }
  },
)
