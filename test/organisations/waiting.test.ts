/** Who registers waits for somebody who vouches: not for ever, and not in any number. */
import t from 'tap'
import { organisationLapse } from '../../src/organisations/jobs.ts'
import { ledgerOf, move, openCoordination, registerUnion } from '../fixtures/unions.ts'
import { done, instantAfter, makeKnown, offerLink, pactIn, world } from '../fixtures/world.ts'
import { openHouse, type House } from '../harness.ts'

const waitingMost = 20

const register = (house: House, i: number) =>
  house.ask('POST', '/v1/organisations', {
    body: { kind: 'union', name: `Union ${i}`, country: 'BY', secretary: { displayName: 'Vesna' } },
  })

const many = (house: House, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => register(house, i)))

t.test('of many who register at once, twenty wait for each coordination that could vouch', async (t) => {
  const house = await openHouse(t)
  await openCoordination(house)
  const counted = async (asked: number) => {
    const answers = await many(house, asked)
    const refused = answers.filter(({ statusCode }) => statusCode !== 201)
    for (const { data } of refused) t.match(data, { status: 409, code: 'too_many_waiting' })
    return asked - refused.length
  }

  const coordination = await registerUnion(house, { kind: 'coordination', name: 'Second coordination' })

  t.equal(await counted(waitingMost + 15), waitingMost - 1, 'a coordination waits like all others')
  await move(house, coordination.url, house.operatorToken, 'verify')
  t.equal(await counted(waitingMost + 15), waitingMost + 1, 'and then there are places for twice as many')
})

t.test('a coordination that has sealed itself gives no places', async (t) => {
  const house = await openHouse(t)
  await openCoordination(house)
  const { icog } = await openCoordination(house, { name: 'Second coordination' })
  done(await house.ask('PUT', `${icog.url}/seal`, { token: icog.token }))

  const answers = await many(house, waitingMost + 5)

  t.equal(answers.filter(({ statusCode }) => statusCode === 201).length, waitingMost)
})

t.test('with every one that is vouched for or rejected there is a place again', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const [union] = (await many(house, waitingMost)).map((answer) => done(answer).data['organisation'])
  t.equal((await register(house, 99)).statusCode, 409)

  await move(house, union.url, first.token, 'reject')

  t.equal((await register(house, 100)).statusCode, 201)
})

t.test('who was rejected comes again only where there is a place', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await registerUnion(house)
  await move(house, union.url, first.token, 'reject')
  const others = (await many(house, waitingMost)).map((answer) => done(answer).data['organisation'])
  const again = () =>
    house.askFresh('POST', `${union.url}/transitions`, { token: union.token, body: { move: 'resubmit' } })

  t.match((await again()).data, { status: 409, code: 'too_many_waiting' })
  await move(house, others[0].url, first.token, 'verify')
  t.match((await again()).data, { status: 'provisional' })
})

t.test('whom a coordinator sent a link to need not wait for a place', async (t) => {
  const here = await world(t)
  const committee = await makeKnown(here, here.coordinator, 'Committee of the depot')
  const pactId = await pactIn(here, 'negotiating', { parties: [committee] })
  const { token } = await offerLink({ ...here, committee }, pactId)
  await many(here, waitingMost)

  const claimed = await here.ask('POST', '/v1/claims', {
    token,
    body: { secretary: { displayName: 'Vesna' } },
  })

  t.equal(claimed.statusCode, 201)
})

t.test(
  'after thirty days without a word it lapses, tells so in its history, and may come again',
  async (t) => {
    const house = await openHouse(t)
    const { icog } = await openCoordination(house)
    const union = await registerUnion(house)
    const asking = { token: union.token }
    const shown = await house.ask('GET', union.url, asking)
    t.equal(shown.data['vouchBy'], instantAfter(house, 30))
    const registeredAt = house.now().toISOString()
    const [soon, due] = [29.9, 30].map((days) => instantAfter(house, days))

    house.travelTo(soon as string)
    await house.run(organisationLapse)
    t.match(await ledgerOf(house, union.id), [{ type: 'organisation.registered' }])
    house.travelTo(due as string)
    await house.run(organisationLapse)
    await house.run(organisationLapse)

    t.match((await ledgerOf(house, union.id)).slice(1), [
      { move: 'lapse', from_status: 'provisional', to_status: 'rejected', actor_kind: 'system' },
    ])
    t.equal((await ledgerOf(house, union.id)).length, 2)
    t.equal(
      (await ledgerOf(house, icog.id)).some((entry) => entry.move === 'lapse'),
      false,
    )
    // Tokens live thirty days too: what became of it is read with one, so the clock goes back.
    house.travelTo(registeredAt)
    const { data: history } = done(await house.ask('GET', `${union.url}/transitions`, asking)).data
    t.match(history, [{ move: 'lapse', from: 'provisional', to: 'rejected' }])
    const again = { ...asking, body: { move: 'resubmit' } }
    const resubmitted = done(await house.askFresh('POST', `${union.url}/transitions`, again)).data
    t.match(resubmitted, { status: 'provisional', vouchBy: instantAfter(house, 30) })
  },
)

t.test('no word that was given before it lapsed is awaited after', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const coordination = await registerUnion(house, { kind: 'coordination', name: 'Second coordination' })
  const registeredAt = house.now().toISOString()
  house.travelTo(instantAfter(house, 29))
  await house.database.transaction((tx) =>
    tx.$client.query(
      `update tokens set expires_at = expires_at + interval '30 days', used_on = used_on + 29`,
    ),
  )
  await move(house, coordination.url, first.token, 'verify')
  const awaiting = async () =>
    (await house.ask('GET', coordination.url, { token: coordination.token })).data['awaiting']
  t.match(await awaiting(), { move: 'verify' })

  house.travelTo(new Date(Date.parse(registeredAt) + 30 * 86_400_000).toISOString())
  await house.run(organisationLapse)

  t.equal(await awaiting(), null)
})
