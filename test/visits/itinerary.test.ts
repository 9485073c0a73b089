import t, { type Test } from 'tap'
import { visitJobsWith } from '../../src/visits/jobs.ts'
import { ledgerOf, seat } from '../fixtures/unions.ts'
import { elevated, freshlyElevated } from '../fixtures/second-factor.ts'
import { delegateOf, visitWorld } from '../fixtures/visits.ts'
import { done } from '../fixtures/world.ts'
import type { House } from '../harness.ts'

const items = [
  {
    startsAt: '2020-10-23T08:00:00.000Z',
    endsAt: '2020-10-23T10:00:00.000Z',
    place: 'Gate 3, then by foot',
    activity: 'Talk with the night shift',
  },
]
const forgettingIn = ({ vault }: House) =>
  visitJobsWith(vault).find(({ name }) => name === 'itineraries.forget')

async function toured(t: Test) {
  const house = await visitWorld(t)
  const visitId = await house.visitIn('accepted')
  const url = `/v1/visits/${visitId}/itinerary`
  await elevated(house.house, house.host)
  const write = (body: object = { items }, token = house.host.token, headers = {}) =>
    house.ask('PUT', url, { token, body, headers })
  const read = (token: string) => house.ask('GET', url, { token })
  return { ...house, visitId, url, write, read }
}

t.test('the host writes the itinerary of a visit, and participants who agreed read it', async (t) => {
  const { house, ask, askFresh, host, guest, visitId, url, write, read, participantIn } = await toured(t)

  t.match((await read(host.token)).data, { status: 404, code: 'itinerary_not_found' })
  const written = await write()
  t.match(written.data, { items, version: 1, url })
  t.equal((await read(guest.token)).statusCode, 403, 'not before they have agreed')
  await participantIn(visitId, 'agreed', guest)
  t.match((await read(guest.token)).data, { code: 'second_factor_needed' }, 'a stolen phone does not tell')
  await elevated(house, guest)
  t.match((await read(guest.token)).data, { items })
  t.equal((await write({ items }, guest.token)).statusCode, 403, 'reading is not writing')
  t.match((await write({ items: [] }, host.token, { 'if-match': '"2"' })).data, { status: 412 })
  t.match((await write({ items: [] }, host.token, { 'if-match': '"1"' })).data, { items: [], version: 2 })
  t.equal((await askFresh('DELETE', url, { token: host.token })).statusCode, 204)
  t.equal((await ask('GET', url, { token: guest.token })).statusCode, 404)
  const told = await ledgerOf(house, written.data['id'])
  t.same(
    told.map(({ type }) => type),
    ['itinerary.written', 'itinerary.changed', 'itinerary.removed'],
  )
  t.notMatch(JSON.stringify(told), /Gate|night/)
})

t.test('nobody but the host and current participants can read an itinerary', async (t) => {
  const house = await toured(t)
  const { host, visitor, stranger, guest, visitId, write, read, ask, url } = house
  const participantId = await house.participantIn(visitId, 'agreed', guest)
  const other = await delegateOf(house, visitor)
  const member = await seat(house.house, host, { office: 'delegate', powers: [] })
  await write()
  await elevated(house.house, guest)

  t.equal((await read(guest.token)).statusCode, 200)
  for (const { token } of [visitor, other, member]) t.equal((await read(token)).statusCode, 403)
  t.equal((await read(stranger.token)).statusCode, 404)
  t.equal((await read(house.coordinator.token)).statusCode, 403)
  t.equal((await ask('GET', url)).statusCode, 401)
  done(await house.moveParticipant(participantId, 'withdraw', guest.token))
  t.equal((await read(guest.token)).statusCode, 403, 'who withdraws travels no more')
})

t.test(
  'only the host writes and deletes an itinerary, and others are refused without asking for a code',
  async (t) => {
    const { ask, visitor, write, url } = await toured(t)
    await write()

    const written = await write({ items: [] }, visitor.token)
    const removed = await ask('DELETE', url, { token: visitor.token, headers: { 'if-match': '*' } })

    for (const { data } of [written, removed])
      t.match(data, { status: 403, detail: /can write the itinerary/ })
  },
)

t.test('an itinerary item must end after it begins, and the refusal names it', async (t) => {
  const { write } = await toured(t)
  const meeting = { ...items[0], endsAt: '2020-10-23T08:00:00.000Z' }

  const faulty = await write({ items: [items[0], meeting] })

  t.match(faulty.data, {
    status: 422,
    errors: [{ pointer: '/items/1/endsAt', code: 'ends_before_it_starts' }],
  })
  t.notMatch(faulty.body, 'Gate')
})

t.test('an itinerary is deleted 14 days after the visit, and not earlier', async (t) => {
  const { house, host, write, read, travelTo, run } = await toured(t)
  const forgetting = forgettingIn(house)
  if (!forgetting) throw new Error('no job forgets itineraries')
  const { id } = (await write()).data

  travelTo('2020-11-10T16:00:00.000Z')
  await run(forgetting)
  await elevated(house, host)
  t.equal((await read(host.token)).statusCode, 200)
  travelTo('2020-11-10T18:00:00.000Z')
  await run(forgetting)

  await elevated(house, host)
  t.equal((await read(host.token)).statusCode, 404)
  t.equal((await ledgerOf(house, id)).at(-1)?.type, 'itinerary.forgotten')
  const { rows } = await house.database.read.$client.query('select 1 from itineraries', [])
  t.equal(rows.length, 0)
})

t.test('a second factor younger than 48 hours can neither read nor write an itinerary', async (t) => {
  const { house, host, url, ask, write, read } = await toured(t)
  await write()
  const other = await freshlyElevated(house, await seat(house, host, { office: 'chair', powers: ['visit'] }))

  t.match((await read(other.token)).data, { status: 403, code: 'second_factor_too_new' })
  t.match((await write({ items }, other.token)).data, { code: 'second_factor_too_new' })
  const removing = { token: other.token, headers: { 'if-match': '*' } }
  t.match((await ask('DELETE', url, removing)).data, { code: 'second_factor_too_new' })
})

t.test('calling a visit off deletes its itinerary, and a new one is refused', async (t) => {
  const house = await toured(t)
  const { host, visitor, visitId, write, read, move } = house
  const { id } = (await write()).data

  done(await move(visitId, 'cancel', visitor.token))

  t.match((await read(host.token)).data, { status: 404, code: 'itinerary_not_found' })
  t.equal((await ledgerOf(house.house, id)).at(-1)?.type, 'itinerary.forgotten')
  const { rows } = await house.house.database.read.$client.query('select 1 from itineraries', [])
  t.equal(rows.length, 0)
  t.match((await write()).data, { status: 409, code: 'visit_called_off' })
})
