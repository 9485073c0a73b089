import t, { type Test } from 'tap'
import { elevated, freshlyElevated } from '../fixtures/second-factor.ts'
import { absentId, ledgerOf, openCoordination, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

const reason = 'Arrested this morning; the lawyer needs a name.'

async function world(t: Test) {
  const house = await openHouse(t)
  const { icog, first, second: fellow } = await openCoordination(house)
  const { icog: other, first: second } = await openCoordination(house, { name: 'Coordination of the ports' })
  const union = await registerUnion(house)
  const mara = await elevated(house, await seat(house, union, { office: 'delegate' }))
  const identity = { token: mara.token, body: { legalName: 'Mara Example' } }
  done(await house.ask('PUT', `/v1/delegates/${mara.delegateId}/identity`, identity))
  for (const coordinator of [first, fellow, second]) await elevated(house, coordinator)
  const request = (token = first.token, delegateId = mara.delegateId) =>
    house.ask('POST', '/v1/disclosures', { token, body: { delegateId, reason } })
  const grant = (url: string, token = second.token) => house.ask('POST', `${url}/grants`, { token })
  const read = (url: string, token = first.token) => house.ask('GET', `${url}/identity`, { token })
  const end = (url: string, token: string) => house.ask('DELETE', url, { token })
  const statusOf = async (url: string) =>
    (await house.ask('GET', url, { token: mara.token })).data['status'] as string
  const recall = ({ mandateId }: { mandateId: string }, { token }: { token: string }) =>
    house.askFresh('POST', `/v1/mandates/${mandateId}/transitions`, { token, body: { move: 'recall' } })
  const people = { icog, first, fellow, other, second, union, mara }
  return { house, ...house, ...people, request, grant, read, end, statusOf, recall }
}

async function grantedWorld(t: Test) {
  const house = await world(t)
  const { url } = done(await house.request()).data as { url: string }
  done(await house.grant(url))
  return { ...house, url }
}

t.test('two coordinators can read an identity, and the person sees the reason and who read it', async (t) => {
  const { house, ask, first, second, mara, request, grant, read } = await world(t)
  const asked = done(await request()).data
  const url = asked['url'] as string

  t.match(asked, { status: 'requested', requestedById: first.delegateId, grantedById: null, reason })
  t.match(
    (await read(url)).data,
    { status: 403, code: 'disclosure_not_open' },
    'one coordinator alone cannot read it',
  )
  t.match((await grant(url, first.token)).data, { status: 409, code: 'second_person_needed' })
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

t.test('only coordinators request, grant and read a disclosure; others cannot see its subject', async (t) => {
  const { house, ask, union, mara, icog, request, grant, read } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const third = await elevated(house, await seat(house, icog, { office: 'coordinator' }))
  const stranger = await elevated(house, await registerUnion(house, { name: 'Union of bakers' }))

  for (const { token } of [union, stranger, mara]) t.equal((await request(token)).statusCode, 403)
  t.equal((await request(house.operatorToken)).statusCode, 403)
  t.equal((await grant(url, mara.token)).statusCode, 403, 'the person sees it but cannot grant it')
  for (const { token } of [union, stranger]) {
    const hidden = await grant(url, token)
    t.equal(hidden.statusCode, 404)
    t.same(plainly(hidden), plainly(await grant(`/v1/disclosures/${absentId}`, token)))
    t.equal((await read(url, token)).statusCode, 404)
    t.same((await ask('GET', '/v1/disclosures', { token })).data['data'], [])
  }
  done(await grant(url))
  t.equal(
    (await read(url, third.token)).statusCode,
    403,
    'a third coordinator sees it but cannot read the identity',
  )
  t.equal((await read(url, mara.token)).statusCode, 403)
  t.match((await request(third.token, third.delegateId)).data, {
    errors: [{ pointer: '/delegateId', code: 'yourself' }],
  })
  t.match((await request(third.token, absentId)).data, { errors: [{ code: 'unknown_delegate' }] })
})

t.test('a coordinator cannot grant a disclosure of their own identity', async (t) => {
  const { first, second, request, grant } = await world(t)
  const { url } = done(await request(first.token, second.delegateId)).data as { url: string }

  t.match((await grant(url)).data, { status: 409, code: 'second_person_needed' })
})

t.test('a disclosure needs a recent code, waits 72 hours and is readable for 24', async (t) => {
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

t.test('of two concurrent grants of a disclosure, only one succeeds', async (t) => {
  const { house, other, second, request, grant } = await world(t)
  const third = await elevated(house, await seat(house, other, { office: 'coordinator' }))
  const { url } = done(await request()).data as { url: string }

  const answers = await Promise.all([second, third, second, third].map(({ token }) => grant(url, token)))

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409, 409, 409])
})

t.test(
  'after 50 identity reads in a day the next one is refused until tomorrow, and the ledger records it',
  async (t) => {
    const { house, first, request, grant, read, travelTo } = await world(t)
    const { url } = done(await request()).data as { url: string }
    done(await grant(url))

    const answers = await Promise.all(Array.from({ length: 55 }, () => read(url)))

    t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 50)
    const refused = answers.find(({ statusCode }) => statusCode === 429)
    t.match(refused?.data, { code: 'identity_budget_spent' })
    t.equal(refused?.headers['retry-after'], String(14 * 3600))
    const spent = (await ledgerOf(house, first.delegateId)).filter(
      ({ type }) => type === 'identity_budget.spent',
    )
    t.equal(spent.length, 1, 'it is recorded once a day')
    travelTo('2026-03-03T00:00:00.000Z')
    await elevated(house, first)
    t.equal((await read(url)).statusCode, 200)
  },
)

t.test('a recalled coordinator cannot read a disclosed identity', async (t) => {
  const { icog, first, read, recall, url } = await grantedWorld(t)
  t.equal((await read(url)).statusCode, 200)
  done(await recall(first, icog))

  t.equal((await read(url)).statusCode, 404)
})

t.test('two coordinators of the same coordination cannot disclose an identity together', async (t) => {
  const { house, ask, icog, fellow, request, grant, statusOf } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const made = await elevated(house, await seat(house, icog, { office: 'coordinator' }))

  for (const { token } of [fellow, made]) {
    const refused = await grant(url, token)
    t.match(refused.data, { status: 409, code: 'another_coordination_needed' })
    t.match(refused.data['detail'], /another verified coordination/)
  }
  t.equal(await statusOf(url), 'requested')
  t.equal((await ask('GET', `${url}/identity`, { token: fellow.token })).statusCode, 403)
})

t.test('a disclosure needs a recent code of a factor that is older than 48 hours', async (t) => {
  const { house, ask, icog, other, union, mara, request, grant } = await world(t)
  const plain = await seat(house, icog, { office: 'coordinator' })
  const fresh = await freshlyElevated(house, await seat(house, icog, { office: 'coordinator' }))
  const { url } = done(await request()).data as { url: string }
  const [plainOther, freshOther] = [
    await seat(house, other, { office: 'coordinator' }),
    await freshlyElevated(house, await seat(house, other, { office: 'coordinator' })),
  ]

  t.match((await request(plain.token)).data, { status: 403, code: 'second_factor_needed' })
  t.match((await grant(url, plainOther.token)).data, { status: 403, code: 'second_factor_needed' })
  t.match((await request(fresh.token)).data, { status: 403, code: 'second_factor_too_new' })
  const tooNew = (await grant(url, freshOther.token)).data
  t.match(tooNew, { status: 403, code: 'second_factor_too_new' })
  t.match(tooNew['detail'], '2026-03-04T10:00:00.000Z', 'it says when it opens')
  t.match((await request(union.token)).data, { code: 'forbidden' })
  t.match((await ask('GET', '/v1/me/second-factor', { token: fresh.token })).data, {
    opensOthersAt: '2026-03-04T10:00:00.000Z',
  })
  t.equal((await grant(url, mara.token)).data['code'], 'forbidden')
})

t.test('a granted disclosure ends when the mandate of either coordinator ends', async (t) => {
  const { icog, first, other, second, request, grant, read, recall, statusOf, url } = await grantedWorld(t)
  const unanswered = done(await request()).data as { url: string }
  t.equal((await read(url)).statusCode, 200)

  done(await recall(second, other))
  t.match((await read(url)).data, { status: 403, code: 'disclosure_not_open' })
  t.equal(await statusOf(url), 'ended')

  done(await recall(first, icog))
  t.equal(await statusOf(unanswered.url), 'ended')
  t.match((await grant(unanswered.url, second.token)).data, { status: 404 })
})

t.test('a disclosure cannot be granted after its requester’s mandate has ended', async (t) => {
  const { icog, first, second, request, grant, recall } = await world(t)
  const { url } = done(await request()).data as { url: string }
  done(await recall(first, icog))

  t.match((await grant(url, second.token)).data, { status: 409, code: 'disclosure_closed' })
})

t.test('a granted disclosure cannot be read while either coordination is sealed', async (t) => {
  const { ask, other, read, statusOf, url } = await grantedWorld(t)

  done(await ask('PUT', `${other.url}/seal`, { token: other.token }))

  t.match((await read(url)).data, { status: 403, code: 'disclosure_not_open' })
  t.equal(await statusOf(url), 'ended')
})

t.test('an identity in a sealed organisation cannot be requested, granted or read', async (t) => {
  const { ask, union, request, grant, read, url } = await grantedWorld(t)
  const unanswered = done(await request()).data as { url: string }

  done(await ask('PUT', `${union.url}/seal`, { token: union.token }))

  t.match((await request()).data, { status: 422, errors: [{ code: 'unknown_delegate' }] })
  t.match((await grant(unanswered.url)).data, { code: 'disclosure_closed' })
  t.match((await read(url)).data, { code: 'disclosure_not_open' })
})

t.test('any coordinator can revoke a disclosure repeatedly, and nobody else can', async (t) => {
  const { house, union, mara, fellow, read, grant, request, end, statusOf, url } = await grantedWorld(t)
  const unanswered = done(await request()).data as { url: string }
  const id = url.split('/').at(-1) ?? ''

  t.equal((await end(url, mara.token)).statusCode, 403)
  const hidden = await end(url, union.token)
  t.equal(hidden.statusCode, 404)
  t.same(plainly(hidden), plainly(await end(`/v1/disclosures/${absentId}`, union.token)))
  t.equal((await read(url)).statusCode, 200)
  for (let i = 0; i < 2; i++) t.equal((await end(url, fellow.token)).statusCode, 204)
  t.equal((await end(unanswered.url, fellow.token)).statusCode, 204)

  t.match((await read(url)).data, { status: 403, code: 'disclosure_not_open' })
  t.equal(await statusOf(url), 'ended')
  t.match((await grant(unanswered.url)).data, { code: 'disclosure_closed' })
  const told = (await ledgerOf(house, id)).map(({ type }) => type)
  t.same(told, ['disclosure.requested', 'disclosure.granted', 'disclosure.ended'])
})

t.test('removing a factor revokes the disclosures that its person requested and granted', async (t) => {
  for (const loser of ['first', 'second'] as const) {
    const { house, ask, read, statusOf, url, ...people } = await grantedWorld(t)
    const staying = loser === 'first' ? people.second : people.first
    t.equal((await read(url, staying.token)).statusCode, 200)

    t.equal((await ask('DELETE', '/v1/me/second-factor', { token: people[loser].token })).statusCode, 204)

    t.match((await read(url, staying.token)).data, { status: 403, code: 'disclosure_not_open' })
    t.equal(await statusOf(url), 'ended')
    const last = (await ledgerOf(house, url.split('/').at(-1) ?? '')).at(-1)
    t.match(last, { type: 'disclosure.ended', actor_id: people[loser].delegateId })
  }
})

t.test('reading a disclosed identity that does not exist gives no advice to write one', async (t) => {
  const { house, union, request, grant, read } = await world(t)
  const silent = await seat(house, union, { office: 'delegate' })
  const { url } = done(await request(undefined, silent.delegateId)).data as { url: string }
  done(await grant(url))

  const missing = (await read(url)).data

  t.match(missing, { status: 404, code: 'others_identity_missing' })
  t.notMatch(missing['detail'], /PUT/)
})
