/** Changes of the details of an organisation. */
import t from 'tap'
import {
  absentId,
  ledgerOf,
  mtz,
  openCoordination,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
} from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

t.test('a secretary changes the details of the organisation', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house, mtz)

  const changed = await house.askFresh('PATCH', union.url, {
    token: union.token,
    body: {
      about: 'All shifts.',
      abbreviation: null,
      memberCount: 17_000,
      externalIds: [{ system: 'wikidata', id: 'Q1' }],
    },
  })

  t.equal(changed.statusCode, 200, changed.body)
  t.match(changed.data, { ...mtz, about: 'All shifts.', abbreviation: null, memberCount: 17_000, version: 2 })
  const [, told] = await ledgerOf(house, union.id)
  t.match(told, { type: 'organisation.changed', mandate_id: union.mandateId })
  t.same(told?.details, { fields: ['abbreviation', 'about', 'externalIds', 'memberCount'] })
  t.notMatch(JSON.stringify(told), 'All shifts', 'the ledger names the fields, never their values')
  const state = await house.askFresh('PATCH', union.url, {
    token: union.token,
    body: { status: 'verified', kind: 'union' },
  })
  t.match(
    state.data.errors,
    [{ pointer: '/status' }, { pointer: '/kind' }],
    'a state is never set by a change',
  )
})

t.test('an organisation cannot have a region of another country, even after a change of one', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await registerUnion(house, { ...mtz, region: 'BY-MI' })
  const elsewhere = { ...mtz, region: 'DE-BW' }
  const change = (body: object) => house.askFresh('PATCH', union.url, { token: union.token, body })
  const fault = (pointer: string) => ({
    status: 422,
    errors: [{ pointer, code: 'region_of_another_country' }],
  })

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...elsewhere, secretary: { displayName: 'Mara' } },
  })
  t.match(registered.data, fault('/region'))
  const announced = await house.ask('POST', '/v1/addressees', { token: first.token, body: elsewhere })
  t.match(announced.data, fault('/region'))
  t.match((await change({ region: 'DE-BW' })).data, fault('/region'))
  t.match((await change({ country: 'DE' })).data, fault('/country'))
  t.match((await change({ country: 'DE', region: 'DE-BW' })).data, { country: 'DE', region: 'DE-BW' })
  t.match((await change({ country: 'BY', region: null })).data, { country: 'BY', region: null })
})

t.test('only an administrator can change an organisation', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const union = await verifiedUnion(house, first)
  const delegate = await seat(house, union, { office: 'delegate' })
  const provisional = await registerUnion(house, { name: 'Hidden' })
  const change = (token: string | undefined, url = union.url) =>
    house.ask('PATCH', url, { token, body: { about: 'x' }, headers: { 'if-match': '*' } })

  t.equal((await change(undefined)).statusCode, 401)
  for (const token of [delegate.token, first.token, provisional.token, house.operatorToken]) {
    t.match((await change(token)).data, { status: 403, code: 'forbidden' })
  }
  const stranger = await registerUnion(house, { name: 'Stranger' })
  t.same(
    plainly(await change(stranger.token, provisional.url)),
    plainly(await change(stranger.token, `/v1/organisations/${absentId}`)),
  )
  t.match((await house.ask('GET', union.url)).data, { about: null, version: 2 })
})
