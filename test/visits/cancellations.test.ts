import t from 'tap'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'

t.test(
  'calling a visit off releases all participants and hides their names from the other side',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, participantIn, move, ask, house, visitor, host, entriesOf, database } = world
    const moves = [
      ['proposed', 'decline', host.token],
      ['proposed', 'cancel', visitor.token],
      ['accepted', 'cancel', host.token],
      ['rescheduling', 'cancel', host.token],
    ] as const

    for (const [status, name, token] of moves) {
      const id = await visitIn(status)
      const participants: string[] = []
      for (const prepared of ['nominated', 'agreed', 'visa_pending', 'ready'] as const) {
        participants.push(await participantIn(id, prepared, await delegateOf(house, visitor)))
      }
      const refused = await participantIn(id, 'refused', await delegateOf(house, visitor))

      done(await move(id, name, token))

      for (const one of participants) {
        const seen = (await ask('GET', `/v1/visit-participants/${one}`, { token: host.token })).data
        t.match(seen, { status: 'withdrawn', booking: null, delegate: null }, `${name} ${status}`)
        const released = (await entriesOf(one)).filter((entry) => entry.move === 'release')
        t.match(released, [
          { organisationId: visitor.id, actorKind: 'system', reason: 'The visit was called off.' },
        ])
      }
      const other = (await ask('GET', `/v1/visit-participants/${refused}`, { token: visitor.token })).data
      t.equal(other['status'], 'refused', 'what was settled stays')
    }
    const { rows } = await database.read.$client.query("select 1 from bookings where status <> 'released'")
    t.same(rows, [])
  },
)

t.test('a participant who had arrived can return after the visit was called off, and is free', async (t) => {
  const { visitIn, ask, moveParticipant, move, visitor, host } = await visitWorld(t)
  const id = await visitIn('confirmed')
  const [{ id: participant }] = (await ask('GET', `/v1/visits/${id}/participants`, { token: visitor.token }))
    .data['data']
  done(await moveParticipant(participant, 'arrive', host.token))

  done(await move(id, 'cancel', host.token))
  const returned = await moveParticipant(participant, 'return', visitor.token)

  t.match(returned.data, { status: 'returned', booking: null })
})
