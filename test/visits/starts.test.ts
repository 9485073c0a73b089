import t from 'tap'
import { friday, saturday, visitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

const justBefore = '2020-10-23T06:59:59.999Z'

t.test('a visit cannot start before its time, and then the host can start it', async (t) => {
  const { visitIn, move, at, ask, host, visitor, read, entriesOf } = await visitWorld(t)
  const id = await visitIn('confirmed')
  const minted = {
    label: 'calendar',
    scopes: ['visits:read', 'visits:write'],
    organisationId: host.id,
    days: 90,
  }
  const body = { ...minted, powers: ['visit'] }
  const client = done(await ask('POST', '/v1/tokens', { token: host.token, body })).data['secret']
  // A client that is unused for 30 days expires.
  for (const day of ['2020-09-15T10:00:00.000Z', '2020-10-10T10:00:00.000Z'])
    done(await at(day, () => ask('GET', '/v1/me', { token: client })))

  const early = await at(justBefore, async () => ({
    host: await move(id, 'start', host.token),
    client: await move(id, 'start', client),
    visitor: await move(id, 'start', visitor.token),
  }))

  for (const refused of [early.host, early.client]) {
    t.match(refused.data, { status: 409, code: 'visit_begins_later', detail: /from its startsAt/ })
  }
  t.equal(early.visitor.statusCode, 403)
  t.equal((await read(id)).data['status'], 'confirmed')
  t.equal((await entriesOf(id)).filter((entry) => entry.move === 'start').length, 0)
  t.match((await at(friday, () => move(id, 'start', client))).data, { status: 'in_progress' })
})

t.test('a visit that has not begun cannot be completed', async (t) => {
  const { visitIn, move, host } = await visitWorld(t)

  const refused = await move(await visitIn('confirmed'), 'complete', host.token)

  t.match(refused.data, { status: 409, code: 'move_not_allowed', currentStatus: 'confirmed' })
})

t.test(
  'of two concurrent early completions of a visit one succeeds, and its participant can be booked again the same day',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, move, travelTo, propose, accept, participantIn, host, visitor, ask, database } = world
    const id = await visitIn('in_progress')
    travelTo(saturday)

    const answers = await Promise.all([move(id, 'complete', host.token), move(id, 'complete', visitor.token)])
    const window = { startsAt: '2020-10-24T12:00', endsAt: '2020-10-25T12:00' }
    const next = done(await propose({ windows: [window] })).data as { id: string; windows: { id: string }[] }
    done(await accept(next))
    const participant = await participantIn(next.id, 'ready')

    t.equal(answers.filter((answer) => answer.statusCode === 200).length, 1)
    const { data } = await ask('GET', `/v1/visit-participants/${participant}`, { token: visitor.token })
    t.match(data, { status: 'ready', booking: { status: 'held' } })
    const { rows } = await database.read.$client.query(
      'select subject_version, type from ledger where type = $1',
      ['booking.shortened'],
    )
    t.same(rows, [{ subject_version: 4, type: 'booking.shortened' }])
  },
)
