import t from 'tap'
import { delegateOf, friday, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

const participantOf = async ({ ask, visitor }: VisitWorld, id: string) =>
  (await ask('GET', `/v1/visit-participants/${id}`, { token: visitor.token })).data

t.test('a confirmation releases participants whose mandate was recalled, and their bookings', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, participantIn, confirm, recall, house, visitor, host, guest, entriesOf } = world
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  const recalled: string[] = []
  for (const status of ['ready', 'agreed', 'visa_pending', 'nominated'] as const) {
    const former = await delegateOf(house, visitor)
    recalled.push(await participantIn(id, status, former))
    done(await recall(former))
  }

  const confirmed = await confirm(id, host.token)

  t.equal(confirmed.statusCode, 201, confirmed.body)
  for (const one of recalled) {
    t.match(await participantOf(world, one), { status: 'withdrawn', booking: null, allowedMoves: [] })
    t.match((await entriesOf(one)).at(-1), {
      move: 'release',
      toStatus: 'withdrawn',
      actorKind: 'system',
      organisationId: visitor.id,
      reason: 'The mandate has ended.',
    })
  }
  t.equal((await confirm(id, visitor.token)).data['status'], 'confirmed')
  t.equal((await world.read(id, guest.token)).statusCode, 200)
})

t.test('a visit cannot be confirmed if its only participant lost their mandate', async (t) => {
  const { visitIn, participantIn, confirm, recall, guest, host } = await visitWorld(t)
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  done(await recall(guest))

  const refused = await confirm(id, host.token)

  t.match(refused.data, {
    status: 409,
    code: 'participants_not_ready',
    detail: /^No participant is ready/,
    errors: [],
  })
})

t.test('a job releases participants without a mandate from a confirmed visit, and nobody else', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, participantIn, recall, sweep, house, visitor, guest, entriesOf, travelTo } = world
  const id = await visitIn('confirmed')
  const expiring = await participantIn(
    id,
    'ready',
    await delegateOf(house, visitor, { endsOn: '2020-09-01' }),
  )
  const staying = await participantIn(id, 'ready', await delegateOf(house, visitor))
  const [first] = (
    await world.ask('GET', `/v1/visits/${id}/participants?limit=100`, { token: visitor.token })
  ).data['data'].filter((one: { delegate: { id: string } }) => one.delegate.id === guest.delegateId)

  await sweep('participants.release')
  t.equal((await participantOf(world, first.id))['status'], 'ready', 'who has it stays')
  done(await recall(guest))
  await sweep('participants.release')
  await sweep('participants.release')
  t.match(await participantOf(world, first.id), { status: 'withdrawn', booking: null })
  t.equal((await participantOf(world, expiring))['status'], 'ready', 'until its last day')
  travelTo('2020-09-02T00:00:00.000Z')
  await sweep('participants.release')

  t.equal((await participantOf(world, expiring))['status'], 'withdrawn')
  t.match(await participantOf(world, staying), { status: 'ready', booking: { status: 'confirmed' } })
  t.equal((await entriesOf(first.id)).filter((entry) => entry.move === 'release').length, 1)
})

t.test('a participant who has arrived stays recorded after losing their mandate', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, recall, sweep, guest, ask, visitor } = world
  const id = await visitIn('in_progress')
  done(await recall(guest))

  await world.at(friday, () => sweep('participants.release'))

  const [participant] = (await ask('GET', `/v1/visits/${id}/participants`, { token: visitor.token })).data[
    'data'
  ]
  t.equal(participant.status, 'ready')
})

t.test('a participant can be made ready only with a current mandate', async (t) => {
  const { visitIn, participantIn, moveParticipant, recall, ask, guest, visitor } = await visitWorld(t)
  const participant = await participantIn(await visitIn('accepted'), 'agreed')
  done(await recall(guest))

  const refused = await moveParticipant(participant, 'get_ready', visitor.token)
  const body = { delegateId: guest.delegateId, office: 'delegate' }
  done(await ask('POST', `${visitor.url}/mandates`, { token: visitor.token, body }))
  const ready = await moveParticipant(participant, 'get_ready', visitor.token)

  t.match(refused.data, { status: 409, code: 'participant_without_mandate' })
  t.equal(ready.statusCode, 200, ready.body)
})

t.test('a side can withdraw its participant who has no mandate', async (t) => {
  const { visitIn, participantIn, moveParticipant, recall, guest, visitor, host } = await visitWorld(t)
  const participant = await participantIn(await visitIn('accepted'), 'ready')
  done(await recall(guest))

  t.equal((await moveParticipant(participant, 'withdraw', host.token)).statusCode, 403)
  t.equal((await moveParticipant(participant, 'withdraw', visitor.token)).data['status'], 'withdrawn')
})

t.test('a concurrent recall and confirmation leave no confirmed participant without a mandate', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, participantIn, confirm, recall, house, visitor, host, guest, sweep } = world
  const id = await visitIn('accepted')
  await participantIn(id, 'ready', await delegateOf(house, visitor))
  const participant = await participantIn(id, 'ready', guest)
  done(await confirm(id, host.token))

  const [confirmed, recalled] = await Promise.all([confirm(id, visitor.token), recall(guest)])
  await sweep('participants.release')

  t.same([confirmed.statusCode, recalled.statusCode], [201, 200])
  t.match(await participantOf(world, participant), { status: 'withdrawn', booking: null })
})
