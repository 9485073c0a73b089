/** The order of the verification queue, and that strangers cannot block it. */
import pg from 'pg'
import t from 'tap'
import { asOwner } from '../databases.ts'
import { callerByTokenHash } from '../../src/delegates/queries.ts'
import { queuedOrganisations } from '../../src/organisations/verification-queue/queries.ts'
import { callerRole } from '../../src/platform/database/roles.ts'
import { rlsContextOf } from '../../src/platform/database/rls-context.ts'
import { hashOf } from '../../src/platform/secrets.ts'
import { invite, registerFrom, registration } from '../fixtures/invitations.ts'
import { absentId, openCoordination, registerUnion, seat, verifiedUnion } from '../fixtures/unions.ts'
import { done, instantAfter, makeKnown, offerLink, pactIn, world } from '../fixtures/world.ts'
import { openHouse, type Answer, type House } from '../harness.ts'

type Item = { id: string; name: string; invitedBy: object | null; vouchingCoordination: object | null }

/** Limits the requests that wait for a connection, so that none times out on a busy machine. */
const atOnce = 43

const strangerFrom = (house: House, address: string, i: number): Promise<Answer> =>
  registerFrom(house, address, registration(`Burst ${i}`))

const queue = async (house: House, token: string, query = ''): Promise<Item[]> =>
  done(await house.ask('GET', `/v1/verification-queue${query}`, { token })).data['data']

const names = (items: readonly Item[]): string[] => items.map(({ name }) => name)

const later = (house: House): void => house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())

t.test(
  'an invited union registers and comes first in the verification queue despite ten thousand uninvited registrations',
  async (t) => {
    // The default quotas.
    const settings = { REGISTRATIONS_PER_DAY: '', NETWORK_REGISTRATIONS_PER_DAY: '' }
    const house = await openHouse(t, { settings })
    const { icog, first } = await openCoordination(house)
    const { secret } = await invite(house, first, icog)
    await strangersBySql(house, 10_000)
    const hall = '203.0.113.5'

    // A burst of requests from 400 networks, and from the network of the union.
    const networks = Array.from({ length: 400 }, (_, i) => `10.${i >> 8}.${i & 255}.7`)
    const burst: Answer[] = []
    const addresses = [...networks, ...Array<string>(30).fill(hall)]
    for (let from = 0; from < addresses.length; from += atOnce) {
      const wave = addresses.slice(from, from + atOnce)
      burst.push(...(await Promise.all(wave.map((address, i) => strangerFrom(house, address, from + i)))))
    }
    const invited = await registerFrom(house, hall, registration('Union of the hall', { invitation: secret }))

    const statuses = burst.map(({ statusCode }) => statusCode)
    t.same(
      new Set(statuses.slice(0, 400)),
      new Set([201]),
      'other networks do not use up the limit of a network',
    )
    t.equal(statuses.slice(400).filter((status) => status === 201).length, 10)
    t.equal((await registerFrom(house, hall, registration('Stranger of the hall'))).statusCode, 429)
    t.equal(invited.statusCode, 201)
    const page = await queue(house, first.token, '?limit=2')
    t.match(page[0], {
      name: 'Union of the hall',
      invitedBy: { id: icog.id },
      vouchingCoordination: { id: icog.id },
    })
    t.match(page[1], { invitedBy: null })
    for (const [query, index] of [
      [{}, 'organisations_to_verify'],
      [{ vouchingCoordinationId: icog.id }, 'organisations_to_verify_by'],
      [{ cursor: cursorOf(['1 2026-03-02T10:00:00.000Z', absentId]) }, 'organisations_to_verify'],
    ] as const)
      t.match(await planFor(house, first.token, query), new RegExp(`Index Scan using ${index} `))
  },
)

t.test('the verification queue lists invited and created organisations first, then by wait', async (t) => {
  const here = await world(t)
  const { icog, coordinator } = here
  const { secret } = await invite(here, coordinator, icog, { usesMax: 2 })
  const register = async (name: string, change: object = {}) => {
    later(here)
    await registerUnion(here, { name, ...change })
  }
  await register('Stranger 1')
  await register('Stranger 2')
  await register('Invited 1', { invitation: secret })
  await register('Stranger 3')
  const committee = await makeKnown(here, coordinator, 'Committee of the depot')
  const pactId = await pactIn(here, 'negotiating', { parties: [committee] })
  const { token } = await offerLink({ ...here, committee }, pactId)
  later(here)
  done(await here.ask('POST', '/v1/claims', { token, body: { secretary: { displayName: 'Vesna' } } }))
  await register('Invited 2', { invitation: secret })

  const expected = [
    'Invited 1',
    'Committee of the depot',
    'Invited 2',
    'Stranger 1',
    'Stranger 2',
    'Stranger 3',
  ]
  t.same(names(await queue(here, coordinator.token)), expected)

  const walked: string[] = []
  let url: string | undefined = '/v1/verification-queue?limit=2'
  while (url) {
    const { data } = done(await here.ask('GET', url, { token: coordinator.token }))
    walked.push(...names(data['data']))
    url = data['nextCursor'] ? `/v1/verification-queue?limit=2&cursor=${data['nextCursor']}` : undefined
  }
  t.same(walked, expected, 'pages give the same list')
})

t.test('the verification queue filters by the coordination asked, which must be verified', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const other = await openCoordination(house, { name: 'Second coordination' })
  const union = await verifiedUnion(house, first, { name: 'Verified union' })
  const waitingToo = await registerUnion(house, { kind: 'coordination', name: 'Third coordination' })
  const asking = (id: string) =>
    house.ask('POST', '/v1/organisations', {
      body: registration('Asking union', { vouchingCoordinationId: id }),
    })

  const asked = done(await asking(icog.id)).data

  t.match(asked['organisation'], { vouchingCoordination: null }, 'it is not verified yet')
  const token = asked['token'].secret
  const own = done(await house.ask('GET', asked['organisation'].url, { token })).data
  t.match(own, { vouchingCoordination: { id: icog.id, url: icog.url }, invitedBy: null })
  const filter = (id: string) => `?vouchingCoordinationId=${id}`
  t.same(names(await queue(house, first.token, filter(icog.id))), ['Asking union'])
  t.same(names(await queue(house, first.token, filter(other.icog.id))), [])
  t.same(names(await queue(house, first.token, '?kind=coordination')), ['Third coordination'])
  const seen = done(await house.ask('GET', asked['organisation'].url, { token: union.token })).data
  t.match(seen, { vouchingCoordination: null, invitedBy: null }, 'other organisations do not see it')
  for (const id of [union.id, waitingToo.id, absentId])
    t.match((await asking(id)).data, {
      status: 422,
      errors: [{ pointer: '/vouchingCoordinationId', code: 'unknown_coordination' }],
    })
  done(await house.ask('PUT', `${icog.url}/seal`, { token: icog.token }))
  t.match((await asking(icog.id)).data, { errors: [{ code: 'unknown_coordination' }] })
  const sealed = done(await house.ask('GET', asked['organisation'].url, { token })).data
  t.match(sealed, { vouchingCoordination: null }, 'a sealed coordination is not shown')
  t.same(await queue(house, other.first.token, filter(icog.id)), [], 'the filter does not show it either')
})

t.test('only coordinators of verified coordinations and the operator read the queue', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const union = await verifiedUnion(house, first)
  const waitingToo = await registerUnion(house, { kind: 'coordination', name: 'Third coordination' })
  const early = await seat(house, waitingToo, { office: 'coordinator' })
  const status = async (token?: string) =>
    (await house.ask('GET', '/v1/verification-queue', { token })).statusCode

  for (const { token } of [union, icog, early]) t.equal(await status(token), 403)
  t.equal(await status(), 401)
  t.equal(await status(house.operatorToken), 200)
  t.equal(await status(first.token), 200)
})

t.test(
  'a resubmitted organisation waits in the verification queue behind those that registered meanwhile',
  async (t) => {
    const house = await openHouse(t)
    const { first } = await openCoordination(house)
    const again = await registerUnion(house, { name: 'Again' })
    later(house)
    await registerUnion(house, { name: 'Meanwhile' })
    for (const [token, move] of [
      [first.token, 'reject'],
      [again.token, 'resubmit'],
    ] as const) {
      later(house)
      done(await house.askFresh('POST', `${again.url}/transitions`, { token, body: { move } }))
    }

    t.same(names(await queue(house, first.token)), ['Meanwhile', 'Again'])
  },
)

/** In one statement, which still meets all constraints of a registration. */
/** As the owner, because the connections of the service have a time limit. */
async function strangersBySql(house: House, count: number): Promise<void> {
  await asOwner(
    house.ownerUrl,
    `
    insert into organisations (id, created_at, updated_at, status, kind, name, country, vouch_by)
    select gen_random_uuid(), '${house.now().toISOString()}', '${house.now().toISOString()}', 'provisional', 'union',
      'Stranger ' || n, 'BY', '${instantAfter(house, 30)}' from generate_series(1, ${count}) n`,
  )
}

const cursorOf = (position: readonly string[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

/** The plan with RLS for the coordinator, after ANALYZE. */
async function planFor(house: House, token: string, query: object): Promise<string> {
  const caller = await callerByTokenHash(house.database.read, hashOf(token), house.now().toISOString())
  if (!caller) throw new Error('nobody holds this token')
  const owner = new pg.Client({ connectionString: house.ownerUrl })
  await owner.connect()
  await owner.query('vacuum analyze organisations')
  await owner.end()
  return house.database.as(rlsContextOf(caller)).transaction(async (tx) => {
    const { sql, params } = queuedOrganisations(tx, { limit: 25, ...query }).toSQL()
    await tx.$client.query(`set local role ${callerRole}`)
    await tx.$client.query(`prepare asked as ${sql}`)
    const values = params.map((value) => pg.escapeLiteral(String(value)))
    const plan = await tx.$client.query(`explain execute asked(${values.join(', ')})`)
    await tx.$client.query('deallocate asked')
    return (plan.rows as Record<string, string>[]).map((row) => row['QUERY PLAN']).join('\n')
  })
}
