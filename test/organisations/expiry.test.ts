/** A registration that nobody verifies expires. */
import t from 'tap'
import { organisationLapse } from '../../src/organisations/jobs.ts'
import { ledgerOf, move, openCoordination, registerUnion } from '../fixtures/unions.ts'
import { done, instantAfter } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

t.test(
  'an unverified registration expires after 30 days, shows that in its history, and can be resubmitted',
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
    // Tokens expire after 30 days too, so the clock goes back to read the result with one.
    house.travelTo(registeredAt)
    const { data: history } = done(await house.ask('GET', `${union.url}/transitions`, asking)).data
    t.match(history, [{ move: 'lapse', from: 'provisional', to: 'rejected' }])
    const again = { ...asking, body: { move: 'resubmit' } }
    const resubmitted = done(await house.askFresh('POST', `${union.url}/transitions`, again)).data
    t.match(resubmitted, { status: 'provisional', vouchBy: instantAfter(house, 30) })
  },
)

t.test('the expiry of a registration clears a pending approval', async (t) => {
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
