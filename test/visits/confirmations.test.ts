import { randomUUID } from 'node:crypto'
import t from 'tap'
import { mandates } from '../../src/delegates/mandates/tables.ts'
import { absentId } from '../fixtures/unions.ts'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'
import type { House } from '../harness.ts'

t.test('a visit and its bookings are confirmed when both sides have confirmed', async (t) => {
  const { visitIn, participantIn, confirm, ask, host, visitor, entriesOf } = await visitWorld(t)
  const id = await visitIn('accepted')
  const participant = await participantIn(id, 'ready')
  const booking = async () =>
    (await ask('GET', `/v1/visit-participants/${participant}`, { token: visitor.token })).data.booking

  const first = await confirm(id, host.token)
  const held = await booking()
  const second = await confirm(id, visitor.token)

  t.equal(first.statusCode, 201, first.body)
  t.match(first.data, { status: 'accepted', confirmedBy: ['host'], allowedMoves: ['reschedule', 'cancel'] })
  t.equal(held.status, 'held')
  t.equal(second.statusCode, 201, second.body)
  t.match(second.data, { status: 'confirmed', confirmedBy: ['host', 'visitor'] })
  t.same(await booking(), { status: 'confirmed', holdUntil: null })
  t.match((await entriesOf(id)).slice(-2), [
    { type: 'visit.confirmation_given', move: null, details: { side: 'host' }, organisationId: host.id },
    {
      type: 'visit.confirmation_given',
      move: 'confirm',
      toStatus: 'confirmed',
      details: { side: 'visitor' },
    },
  ])
})

t.test('of several concurrent confirmations of a visit, one per side succeeds', async (t) => {
  const { visitIn, participantIn, read, ask, host, visitor } = await visitWorld(t)
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  const before = (await read(id)).data
  const confirm = (token: string) =>
    ask('POST', `/v1/visits/${id}/confirmations`, { token, body: { windowId: before.windowId } })

  const answers = await Promise.all(
    [host, host, visitor, visitor].map(async ({ token }) => ({ token, answer: await confirm(token) })),
  )

  for (const side of [host, visitor]) {
    const own = answers.filter(({ token }) => token === side.token).map(({ answer }) => answer)
    t.same(own.map((answer) => answer.statusCode).sort(), [201, 409])
    t.equal(own.find((answer) => answer.statusCode === 409)?.data['code'], 'already_confirmed')
  }
  const after = (await read(id)).data
  t.equal(after.status, 'confirmed')
  t.equal(after.version, before.version + 2)
})

t.test('a visit cannot be confirmed without ready participants', async (t) => {
  const { visitIn, participantIn, moveParticipant, confirm, house, visitor, host, read } = await visitWorld(t)
  const id = await visitIn('accepted')
  const second = await delegateOf(house, visitor)

  const empty = await confirm(id, host.token)
  await participantIn(id, 'ready')
  const waiting = await participantIn(id, 'agreed', second)
  const unready = await confirm(id, host.token)
  await moveParticipant(waiting, 'withdraw', second.token)
  const ready = await confirm(id, host.token)

  t.same([empty.statusCode, unready.statusCode, ready.statusCode], [409, 409, 201])
  t.equal(empty.data.code, 'participants_not_ready')
  t.equal(unready.data.code, 'participants_not_ready')
  t.same((await read(id)).data.confirmedBy, ['host'])
})

t.test('a confirmation must name the current window of the visit', async (t) => {
  const { visitIn, participantIn, reschedule, accept, ask, read, host, visitor } = await visitWorld(t)
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  const { windowId } = (await read(id)).data
  const moved = await reschedule(id, visitor.token)
  await accept(moved.data as { id: string; windows: { id: string }[] }, host.token)
  const confirm = (body: object) => ask('POST', `/v1/visits/${id}/confirmations`, { token: host.token, body })

  const outdated = await confirm({ windowId })
  const unnamed = await confirm({})

  t.equal(outdated.statusCode, 409)
  t.equal(outdated.data.code, 'window_superseded')
  t.equal(unnamed.statusCode, 422)
  t.same((await read(id)).data.confirmedBy, [])
})

t.test('a second confirmation of the same side, and one before the acceptance, are refused', async (t) => {
  const { visitIn, participantIn, confirm, host } = await visitWorld(t)
  const accepted = await visitIn('accepted')
  await participantIn(accepted, 'ready')
  const proposed = await visitIn('proposed')

  await confirm(accepted, host.token)
  const twice = await confirm(accepted, host.token)
  const early = await confirm(proposed, host.token)

  t.equal(twice.statusCode, 409)
  t.equal(twice.data.code, 'already_confirmed')
  t.equal(early.statusCode, 409)
  t.match(early.data, { code: 'move_not_allowed', currentStatus: 'proposed' })
})

t.test('a window that has begun cannot be accepted or confirmed', async (t) => {
  const { propose, visitIn, participantIn, accept, confirm, travelTo, host } = await visitWorld(t)
  const visit = (await propose()).data
  const accepted = await visitIn('accepted')
  await participantIn(accepted, 'ready')
  travelTo('2020-10-23T07:00:00.000Z')

  const chosen = await accept({ id: visit.id, windows: visit.windows })
  const confirmed = await confirm(accepted, host.token)

  t.same([chosen.statusCode, chosen.data.code], [409, 'window_passed'])
  t.same([confirmed.statusCode, confirmed.data.code], [409, 'window_passed'])
})

t.test('a repeated confirmation with the same Idempotency-Key returns the first answer', async (t) => {
  const { visitIn, participantIn, read, ask, host } = await visitWorld(t)
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  const { windowId } = (await read(id)).data
  const request = { token: host.token, body: { windowId }, headers: { 'idempotency-key': randomUUID() } }

  const first = await ask('POST', `/v1/visits/${id}/confirmations`, request)
  const again = await ask('POST', `/v1/visits/${id}/confirmations`, request)

  t.equal(again.statusCode, 201)
  t.same(again.data, first.data)
})

t.test('a caller with mandates on both sides of a visit must name the side that confirms', async (t) => {
  const { house, visitIn, participantIn, read, ask, host, visitor } = await visitWorld(t)
  const id = await visitIn('accepted')
  await participantIn(id, 'ready')
  const { windowId } = (await read(id)).data
  const both = await delegateOf(house, visitor, { powers: ['visit'] })
  await mandateBySql(house, both.delegateId, host.id)
  const confirm = (organisationId?: string) =>
    ask('POST', `/v1/visits/${id}/confirmations`, { token: both.token, body: { windowId, organisationId } })

  const unclear = await confirm()
  const wrong = await confirm(absentId)
  const first = await confirm(visitor.id)
  const second = await confirm(host.id)

  t.equal(unclear.statusCode, 422)
  t.match(unclear.data.errors, [{ pointer: '/organisationId', code: 'required' }])
  t.equal(wrong.statusCode, 422)
  t.match(wrong.data.errors, [{ pointer: '/organisationId', code: 'not_a_side' }])
  t.same(first.data.confirmedBy, ['visitor'])
  t.equal(second.data.status, 'confirmed')
})

/** A secretary sees only the delegates of their own union; in practice such a mandate comes from a merger of unions. */
async function mandateBySql(house: House, delegateId: string, organisationId: string) {
  const now = house.now().toISOString()
  await house.database.transaction((tx) =>
    tx.insert(mandates).values({
      id: randomUUID(),
      createdAt: now,
      updatedAt: now,
      status: 'active',
      delegateId,
      organisationId,
      office: 'delegate',
      powers: ['visit'],
      startsOn: now.slice(0, 10),
    }),
  )
}
