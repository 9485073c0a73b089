import t, { type Test } from 'tap'
import { elevated } from '../fixtures/second-factor.ts'
import { absentId, ledgerOf, openCoordination, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

const reason = 'Arrested this morning; the lawyer needs a name.'

async function world(t: Test) {
  const house = await openHouse(t)
  const { icog, first, second } = await openCoordination(house)
  const union = await registerUnion(house)
  const mara = await elevated(house, await seat(house, union, { office: 'delegate' }))
  const identity = { token: mara.token, body: { legalName: 'Mara Example' } }
  done(await house.ask('PUT', `/v1/delegates/${mara.delegateId}/identity`, identity))
  for (const coordinator of [first, second]) await elevated(house, coordinator)
  const request = (token = first.token, delegateId = mara.delegateId) =>
    house.ask('POST', '/v1/disclosures', { token, body: { delegateId, reason } })
  const grant = (url: string, token = second.token) => house.ask('POST', `${url}/grants`, { token })
  const read = (url: string, token = first.token) => house.ask('GET', `${url}/identity`, { token })
  return { house, ...house, icog, first, second, union, mara, request, grant, read }
}

t.test('two coordinators learn who somebody is, and the person learns that, why, and of whom', async (t) => {
  const { house, ask, first, second, mara, request, grant, read } = await world(t)
  const asked = done(await request()).data
  const url = asked['url'] as string

  t.match(asked, { status: 'requested', requestedById: first.delegateId, grantedById: null, reason })
  t.match((await read(url)).data, { status: 403, code: 'disclosure_not_open' }, 'one alone reads nothing')
  t.match((await grant(url, first.token)).data, { status: 409, code: 'another_person_needed' })
  t.match((await grant(url)).data, { status: 'granted', grantedById: second.delegateId })
  for (const token of [first.token, second.token])
    t.match((await read(url, token)).data, { legalName: 'Mara Example' })

  const seen = (await ask('GET', '/v1/disclosures', { token: mara.token })).data['data']
  t.match(seen, [
    { status: 'granted', reason, requestedById: first.delegateId, grantedById: second.delegateId },
  ])
  const reads = (await ask('GET', '/v1/me/identity-reads', { token: mara.token })).data['data']
  t.match(reads, [
    { readerId: second.delegateId, disclosureId: asked['id'], participantId: null },
    { readerId: first.delegateId, disclosureId: asked['id'] },
  ])
  const told = await ledgerOf(house, asked['id'])
  t.same(
    told.map(({ type }) => type),
    ['disclosure.requested', 'disclosure.granted'],
  )
  t.equal((await ledgerOf(house, reads[0].id)).at(0)?.type, 'identity_read.made')
})

t.test('nobody else asks, grants or reads; and what it is about stays unknown to them', async (t) => {
  const { house, ask, union, mara, icog, request, grant, read } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const third = await elevated(house, await seat(house, icog, { office: 'coordinator' }))
  const stranger = await elevated(house, await registerUnion(house, { name: 'Union of bakers' }))

  for (const { token } of [union, stranger, mara]) t.equal((await request(token)).statusCode, 403)
  t.equal((await request(house.operatorToken)).statusCode, 403)
  t.equal((await grant(url, mara.token)).statusCode, 403, 'not the person, though they see it')
  for (const { token } of [union, stranger]) {
    const hidden = await grant(url, token)
    t.equal(hidden.statusCode, 404)
    t.same(plainly(hidden), plainly(await grant(`/v1/disclosures/${absentId}`, token)))
    t.equal((await read(url, token)).statusCode, 404)
    t.same((await ask('GET', '/v1/disclosures', { token })).data['data'], [])
  }
  done(await grant(url))
  t.equal((await read(url, third.token)).statusCode, 403, 'a third coordinator sees it, and reads no name')
  t.equal((await read(url, mara.token)).statusCode, 403)
  t.match((await request(third.token, third.delegateId)).data, {
    errors: [{ pointer: '/delegateId', code: 'yourself' }],
  })
  t.match((await request(third.token, absentId)).data, { errors: [{ code: 'unknown_delegate' }] })
})

t.test('it needs a fresh factor, waits three days and is open for one', async (t) => {
  const { house, first, second, request, grant, read, travelTo } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const unanswered = done(await request()).data as { url: string }
  done(await grant(url))

  travelTo('2026-03-02T10:16:00.000Z')
  t.match((await read(url)).data, { code: 'second_factor_needed' })
  await elevated(house, first)
  t.equal((await read(url)).statusCode, 200)
  travelTo('2026-03-03T10:00:00.000Z')
  await elevated(house, first)
  t.match((await read(url)).data, { code: 'disclosure_not_open' })
  travelTo('2026-03-05T10:00:00.000Z')
  await elevated(house, second)
  t.match((await grant(unanswered.url)).data, { code: 'disclosure_closed' })
})

t.test('of two second words at once, one is taken', async (t) => {
  const { house, icog, second, request, grant } = await world(t)
  const third = await seat(house, icog, { office: 'coordinator' })
  const { url } = done(await request()).data as { url: string }

  const answers = await Promise.all([second, third, second, third].map(({ token }) => grant(url, token)))

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409, 409, 409])
})

t.test(
  'after fifty identities in a day the next is refused, told in the ledger, and open again tomorrow',
  async (t) => {
    const { house, first, request, grant, read, travelTo } = await world(t)
    const { url } = done(await request()).data as { url: string }
    done(await grant(url))

    const answers = await Promise.all(Array.from({ length: 55 }, () => read(url)))

    t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 50)
    const refused = answers.find(({ statusCode }) => statusCode === 429)
    t.match(refused?.data, { code: 'identity_budget_spent' })
    t.equal(refused?.headers['retry-after'], String(14 * 3600))
    t.equal((await ledgerOf(house, first.delegateId)).at(-1)?.type, 'identity_budget.spent')
    travelTo('2026-03-03T00:00:00.000Z')
    await elevated(house, first)
    t.equal((await read(url)).statusCode, 200)
  },
)

t.test('a coordinator who was recalled reads nothing more', async (t) => {
  const { askFresh, icog, first, request, grant, read } = await world(t)
  const { url } = done(await request()).data as { url: string }
  done(await grant(url))
  t.equal((await read(url)).statusCode, 200)
  const recalling = { token: icog.token, body: { move: 'recall' } }
  done(await askFresh('POST', `/v1/mandates/${first.mandateId}/transitions`, recalling))

  t.equal((await read(url)).statusCode, 404)
})
