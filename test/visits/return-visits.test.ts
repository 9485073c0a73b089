import t from 'tap'
import { delegateOf, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { done, pactIn } from '../fixtures/world.ts'

const inTheOtherDirection = ({ host, visitor }: VisitWorld, returnsVisitId: string) => ({
  hostId: visitor.id,
  visitorId: host.id,
  organisationId: host.id,
  returnsVisitId,
})

t.test('a visit that has begun can be returned by a visit in the other direction', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, propose, house, host, visitor } = world

  for (const status of ['in_progress', 'completed', 'reported'] as const) {
    const id = await visitIn(status, await delegateOf(house, visitor))
    const returning = await propose(inTheOtherDirection(world, id), host.token)
    t.equal(returning.statusCode, 201, `${status} ${returning.body}`)
    t.same(returning.data['returns'], { id, url: `/v1/visits/${id}` })
  }
})

t.test('a visit that has not begun cannot be returned', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, propose, host } = world

  for (const status of [
    'proposed',
    'accepted',
    'rescheduling',
    'declined',
    'cancelled',
    'confirmed',
  ] as const) {
    const refused = await propose(inTheOtherDirection(world, await visitIn(status)), host.token)
    t.match(refused.data, { status: 409, code: 'visit_not_returnable' }, status)
  }
})

t.test('a return visit must have the same pact, the other direction and a visible first visit', async (t) => {
  const world = await visitWorld(t)
  const { visitIn, propose, house, host, stranger, icog } = world
  const id = await visitIn('completed')
  const another = await pactIn(house, 'active', { purpose: 'exchange' })
  const withStranger = await pactIn({ ...house, union: stranger }, 'active')
  const asked = (change: object) => propose({ ...inTheOtherDirection(world, id), ...change }, host.token)

  const sameDirection = await propose({ returnsVisitId: id })
  const anotherPact = await asked({ pactId: another })
  const byStranger = await propose(
    {
      pactId: withStranger,
      hostId: icog.id,
      visitorId: stranger.id,
      organisationId: stranger.id,
      returnsVisitId: id,
    },
    stranger.token,
  )

  const pointer = '/returnsVisitId'
  t.match(sameDirection.data, { status: 422, errors: [{ pointer, code: 'not_the_other_direction' }] })
  t.match(anotherPact.data, { status: 422, errors: [{ pointer, code: 'another_pact' }] })
  t.match(byStranger.data, { status: 422, errors: [{ pointer, code: 'unknown_visit' }] })
})

t.test(
  'a visit is returned once, also with two concurrent returns, and again after a cancelled return',
  async (t) => {
    const world = await visitWorld(t)
    const { visitIn, propose, move, host } = world
    const back = inTheOtherDirection(world, await visitIn('completed'))

    const answers = await Promise.all([propose(back, host.token), propose(back, host.token)])
    const won = answers.find((answer) => answer.statusCode === 201)
    const lost = answers.find((answer) => answer.statusCode !== 201)
    done(await move(won?.data['id'], 'cancel', host.token))
    const again = await propose(back, host.token)

    t.match(lost?.data, { status: 409, code: 'already_returned' })
    t.equal(again.statusCode, 201, again.body)
  },
)
