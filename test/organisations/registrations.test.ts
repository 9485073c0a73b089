/** Organisations register, or a coordinator creates them; who sees them then. */
import t from 'tap'
import {
  absentId,
  ledgerOf,
  mtz,
  openCoordination,
  plainly,
  registerUnion,
  verifiedUnion,
} from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

t.test('anyone can register an organisation and gets the token of its first secretary', async (t) => {
  const house = await openHouse(t)

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...mtz, secretary: { displayName: 'Vesna' } },
  })

  t.equal(registered.statusCode, 201, registered.body)
  const { organisation, secretary, mandate, token, possibleDuplicates } = registered.data
  t.match(organisation, { ...mtz, status: 'provisional', version: 1, allowedMoves: [], region: null })
  t.equal(registered.headers.location, organisation.url)
  t.same(possibleDuplicates, [])
  t.match(token, { secret: /^spt_[\w-]{43}$/, expiresAt: '2026-04-01T10:00:00.000Z' })
  const me = await house.ask('GET', '/v1/me', { token: token.secret })
  t.match(me.data, {
    kind: 'delegate',
    delegate: secretary,
    mandates: [{ id: mandate.id, office: 'secretary', organisation: { id: organisation.id } }],
  })
  t.match(await ledgerOf(house, organisation.id), [
    { type: 'organisation.registered', actor_kind: 'anonymous' },
  ])
  t.match(await ledgerOf(house, mandate.id), [
    { type: 'mandate.activated', details: { office: 'secretary' } },
  ])
})

t.test(
  'a provisional organisation is visible to its own people and to verified organisations, and missing for everybody else',
  async (t) => {
    const house = await openHouse(t)
    const { first } = await openCoordination(house)
    const verified = await verifiedUnion(house, first, { name: 'Verified' })
    const young = await registerUnion(house, { name: 'Young' })
    const foreign = await registerUnion(house, { name: 'Foreign' })

    for (const token of [young.token, verified.token, first.token, house.operatorToken]) {
      t.equal((await house.ask('GET', young.url, { token })).statusCode, 200)
    }
    for (const token of [undefined, foreign.token]) {
      const hidden = await house.ask('GET', young.url, { token })
      const missing = await house.ask('GET', `/v1/organisations/${absentId}`, { token })
      t.equal(hidden.statusCode, 404)
      t.same(plainly(hidden), plainly(missing))
      const headless = ({ headers }: typeof hidden) => {
        const { 'request-id': _id, date: _date, ratelimit: _left, ...others } = headers
        return others
      }
      // The path is part of the body and has the same length in both.
      t.same(headless(hidden), headless(missing))
    }
  },
)

t.test('registration lists possible duplicates, most similar first, and merges nothing', async (t) => {
  const house = await openHouse(t)
  const { first } = await openCoordination(house)
  const tractor = await verifiedUnion(house, first, mtz)
  const works = await verifiedUnion(house, first, { name: 'Минский тракторный' })
  await verifiedUnion(house, first, { ...mtz, country: 'DE' })
  await registerUnion(house, { ...mtz, name: 'A provisional one is none of the public’s business' })

  const registered = await house.ask('POST', '/v1/organisations', {
    body: { ...mtz, name: 'Mинский тракторный', secretary: { displayName: 'Mara' } },
  })

  t.equal(registered.statusCode, 201)
  t.same(
    registered.data.possibleDuplicates.map(({ id }: { id: string }) => id),
    [tractor.id, works.id],
  )
})

t.test('a coordinator creates an unclaimed organisation', async (t) => {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const verified = await verifiedUnion(house, first)
  const announce = (token: string | undefined) => house.ask('POST', '/v1/addressees', { token, body: mtz })

  const announced = await announce(first.token)

  t.equal(announced.statusCode, 201, announced.body)
  t.match(announced.data, { ...mtz, status: 'unclaimed', allowedMoves: [] })
  t.match(await ledgerOf(house, announced.data.id), [
    { type: 'organisation.announced', mandate_id: first.mandateId },
  ])
  t.equal((await house.ask('GET', announced.data.url)).statusCode, 404, 'out of public sight')
  t.equal((await house.ask('GET', announced.data.url, { token: verified.token })).statusCode, 200)
  t.equal((await announce(undefined)).statusCode, 401)
  for (const token of [verified.token, icog.token, house.operatorToken]) {
    t.equal((await announce(token)).statusCode, 403, 'only a coordinator can do this')
  }
})
