/** Who can claim a committee's account: only recipients of an offer by the organisation that created it. */
import t from 'tap'
import { ledgerOf, openCoordination } from '../fixtures/unions.ts'
import { answer, claim, offered } from '../fixtures/offers.ts'
import { done, offerLink, pactIn, respond, sign, textOf, world, type World } from '../fixtures/world.ts'

/** The union, which did not create the committee, offers a pact to it. */
async function offeredByUnion(house: World) {
  const asUnion = { ...house, icog: house.union, union: house.icog }
  const id = await pactIn(asUnion, 'negotiating', { parties: [house.committee], purpose: 'strike_support' })
  return { id, link: await offerLink(asUnion, id), text: await textOf(house, house.union, id) }
}

const statusOf = async (house: World) =>
  (await house.ask('GET', `/v1/organisations/${house.committee.id}`, { token: house.icog.token })).data.status

t.test(
  'an offer link of an organisation that did not create the addressee cannot claim its account',
  async (t) => {
    const house = await world(t)
    const known = await offered(house)
    const { id, link, text } = await offeredByUnion(house)

    const refused = await claim(house, link.token)
    const own = await house.ask('GET', `/v1/organisations/${house.committee.id}`, { token: link.token })
    const answered = await answer(house, link.token, { ...text, decision: 'accept' })

    t.match([refused.statusCode, refused.data.code], [403, 'forbidden'])
    t.match(refused.data.detail, /madeKnownBy/)
    t.match(own.data.madeKnownBy, { id: house.icog.id, url: house.icog.url }, 'it is told whom to ask')
    t.equal(await statusOf(house), 'unclaimed')
    t.match(answered.data, { linkSpent: true, pact: { id, status: 'signing' } })
    const mayClaim = async (by: { token: string }, one: { id: string }) =>
      (await house.ask('GET', `/v1/offer-links/${one.id}`, { token: by.token })).data.mayClaim
    t.equal(await mayClaim(house.union, link), false)
    t.equal(await mayClaim(house.icog, known.link), true)
  },
)

t.test('an offer link of a suspended organisation cannot claim an account', async (t) => {
  const house = await world(t)
  const { link } = await offered(house)
  const { first: other } = await openCoordination(house, { name: 'Coordination of the ports' })
  const decide = async (name: string) => {
    for (const token of [other.token, house.operatorToken]) {
      const body = { move: name, reason: 'It is asked who they are.' }
      done(await house.askFresh('POST', `${house.icog.url}/transitions`, { token, body }))
    }
  }
  await decide('suspend')

  const refused = await claim(house, link.token)

  t.match([refused.statusCode, refused.data.code], [409, 'invitation_rests'])
  await decide('reinstate')
  t.equal((await claim(house, link.token)).statusCode, 201, 'nothing was lost by it')
})

t.test('an organisation does not show its creator if the creator has sealed itself', async (t) => {
  const house = await world(t)
  const { link } = await offered(house)
  const { organisation } = done(await claim(house, link.token)).data
  const origin = async () => (await house.ask('GET', organisation.url, { token: house.union.token })).data
  t.match(await origin(), { madeKnownBy: { id: house.icog.id } })

  done(await house.ask('PUT', `${house.icog.url}/seal`, { token: house.icog.token }))

  t.match(await origin(), { madeKnownBy: null, claimedAt: null })
})

t.test('a claim revokes the offer links of all proposers, and shows whose link was used', async (t) => {
  const house = await world(t)
  const known = await offered(house)
  const { id, link, text } = await offeredByUnion(house)
  const before = await house.ask('GET', `/v1/organisations/${house.committee.id}`, {
    token: house.union.token,
  })

  done(await claim(house, known.link.token))

  t.match(before.data, { status: 'unclaimed', claimedAt: null, madeKnownBy: { id: house.icog.id } })
  const after = await house.ask('GET', `/v1/organisations/${house.committee.id}`, {
    token: house.union.token,
  })
  t.match(after.data, {
    status: 'provisional',
    claimedAt: house.now().toISOString(),
    madeKnownBy: { id: house.icog.id },
  })
  const uses = [
    await house.ask('GET', '/v1/me', { token: link.token }),
    await house.ask('GET', `/v1/pacts/${id}`, { token: link.token }),
    await answer(house, link.token, { ...text, decision: 'comment' }),
    await claim(house, link.token),
  ]
  for (const use of uses) t.match([use.statusCode, use.data.code], [410, 'link_gone'])
  t.match(
    (await house.ask('GET', `/v1/offer-links/${link.id}`, { token: house.union.token })).data.status,
    'revoked',
  )
  t.match((await ledgerOf(house, link.id)).at(-1), { type: 'offer_link.revoked', details: { pactId: id } })
  t.match((await ledgerOf(house, house.committee.id)).at(-1), {
    move: 'claim',
    details: { byLinkOf: house.icog.id },
  })
})

t.test('an offer link that is created at the same time as a claim is revoked', async (t) => {
  const house = await world(t)
  const known = await offered(house)
  const { id } = await offeredByUnion(house)
  const body = { pactId: id, organisationId: house.committee.id }
  const create = () => house.ask('POST', '/v1/offer-links', { token: house.union.token, body })

  const [claimed, ...made] = await Promise.all([claim(house, known.link.token), create(), create(), create()])

  t.equal(claimed.statusCode, 201)
  for (const one of made) t.ok([201, 409].includes(one.statusCode), one.body)
  const live = await house.ask('GET', '/v1/offer-links?status=live', { token: house.union.token })
  t.same(live.data.data, [])
})

t.test('responses and signatures keep the status that the organisation had at that time', async (t) => {
  const house = await world(t)
  const { id, link, text } = await offered(house)
  const second = await offerLink(house, id)

  done(await answer(house, link.token, { ...text, decision: 'accept' }))
  const secretary = { token: done(await claim(house, second.token)).data.token.secret as string }
  done(await sign(house, house.icog, id))
  done(await sign(house, secretary, id))

  const read = async (what: string) =>
    (await house.ask('GET', `/v1/pacts/${id}/${what}`, secretary)).data.data
  t.match(await read('responses'), [{ decision: 'accept', organisationStatus: 'unclaimed' }])
  t.match(await read('signatures'), [
    { party: { id: house.icog.id }, organisationStatus: 'verified' },
    { party: { id: house.committee.id }, organisationStatus: 'provisional' },
  ])
})

t.test('after a merger, offer links of the successor of the creator can claim the account', async (t) => {
  const house = await world(t)
  const { icog: successor, first } = await openCoordination(house, { name: 'Coordination of both' })
  for (const { token } of [house.icog, successor, first]) {
    const body = { intoId: successor.id }
    done(await house.askFresh('POST', `${house.icog.url}/mergers`, { token, body }))
  }
  const asSuccessor = { ...house, icog: successor }
  const id = await pactIn(asSuccessor, 'negotiating', { parties: [house.committee] })

  const claimed = await claim(house, (await offerLink(asSuccessor, id)).token)

  t.equal(claimed.statusCode, 201, claimed.body)
  t.match(await respond(house, { token: claimed.data.token.secret }, id, 'accept'), { statusCode: 201 })
})
