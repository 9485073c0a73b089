import t from 'tap'
import { pactExpiry } from '../../src/pacts/jobs.ts'
import { inNovember, visitWorld, type VisitWorld } from '../fixtures/visits.ts'
import { dayAfter, done, instantAfter, pactIn } from '../fixtures/world.ts'

type Offered = { id: string; windows: { id: string }[] }

/** What the visitor may agree to: one visit waits for its choice, and one for its confirmation. */
async function toAgreeOn({ propose, visitIn, participantIn, host }: VisitWorld) {
  const offered = done(await propose({ organisationId: host.id, windows: [inNovember] }, host.token))
    .data as Offered
  const accepted = await visitIn('accepted')
  await participantIn(accepted, 'ready')
  return { offered, accepted }
}

async function refusals(world: VisitWorld, { offered, accepted }: Awaited<ReturnType<typeof toAgreeOn>>) {
  const { token } = world.visitor
  return {
    propose: await world.propose(),
    accept: await world.accept(offered, token),
    confirm: await world.confirm(accepted, token),
    reschedule: await world.reschedule(accepted, token),
  }
}

t.test('with a suspended side nothing can be agreed, but a visit can be cancelled', async (t) => {
  const world = await visitWorld(t)
  const agreed = await toAgreeOn(world)

  await world.suspend(world.union)

  for (const [what, refused] of Object.entries(await refusals(world, agreed))) {
    t.match(
      refused.data,
      { status: 409, code: 'side_cannot_act', detail: /^The host is suspended\..*cancel/ },
      what,
    )
  }
  t.match((await world.read(agreed.accepted)).data, { status: 'accepted', confirmedBy: [] })
  t.equal((await world.move(agreed.accepted, 'cancel', world.visitor.token)).statusCode, 200)
})

t.test('under a pact that has ended nothing can be agreed, but a visit can be cancelled', async (t) => {
  const world = await visitWorld(t)
  const agreed = await toAgreeOn(world)

  await world.at(instantAfter(world.house, 366), () => world.run(pactExpiry))

  for (const [what, refused] of Object.entries(await refusals(world, agreed))) {
    t.match(refused.data, { status: 409, code: 'pact_not_active', detail: /cancelled/ }, what)
  }
  t.equal((await world.move(agreed.accepted, 'cancel', world.visitor.token)).statusCode, 200)
})

t.test(
  'a visit is refused after the last day of its pact, even before the job expires the pact',
  async (t) => {
    const world = await visitWorld(t)
    const { house, propose, accept, host, at } = world
    const term = { startsOn: dayAfter(house, 1), endsOn: dayAfter(house, 20) }
    const pactId = await pactIn(house, 'active', { purpose: 'exchange', terms: { term } })
    const visit = done(await propose({ pactId })).data as Offered

    const late = await at(`${dayAfter(house, 21)}T00:00:00.000Z`, () => accept(visit))
    const inTime = await at(`${dayAfter(house, 20)}T23:59:59.999Z`, () => accept(visit, host.token))

    t.match(late.data, { status: 409, code: 'pact_not_active' })
    t.equal(inTime.statusCode, 201, inTime.body)
  },
)
