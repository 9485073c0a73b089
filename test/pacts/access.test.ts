import t from 'tap'
import { absentId, plainly } from '../fixtures/unions.ts'
import { done, offerLink, pactIn, terms, textOf, world } from '../fixtures/world.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
type Call = { method: Method; url: string; body?: object; headers?: Record<string, string> }

t.test('pact operations refuse a missing token, a wrong token and a token without the scope', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { parties: [house.union, house.committee] })
  const link = await offerLink(house, id)
  const body = { label: 'calendar', scopes: ['visits:read'] }
  const narrow = done(await house.ask('POST', '/v1/tokens', { token: house.icog.token, body })).data.secret
  const calls = await everyCall(house, id, link.id)
  const answers: Call[] = [
    {
      method: 'POST',
      url: '/v1/answers',
      body: { ...(await textOf(house, house.icog, id)), decision: 'comment' },
    },
    { method: 'POST', url: '/v1/claims', body: { secretary: { displayName: 'Vesna' } } },
  ]

  for (const { method, url, ...asking } of [...calls, ...answers]) {
    const what = `${method} ${url}`
    t.equal((await house.ask(method, url, asking)).statusCode, 401, what)
    const unknown = `spl_${'x'.repeat(43)}`
    t.equal((await house.ask(method, url, { ...asking, token: unknown })).statusCode, 401, what)
    t.equal((await house.ask(method, url, { ...asking, token: narrow })).statusCode, 403, what)
    t.equal((await house.ask(method, url, { ...asking, token: house.operatorToken })).statusCode, 403, what)
  }
})

t.test('a stranger to a pact gets the same 404 from every operation as for a missing pact', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { parties: [house.union, house.committee] })
  const link = await offerLink(house, id)
  const { token } = house.stranger
  const [foreign, absent] = [await everyCall(house, id, link.id), await everyCall(house, id, link.id, true)]

  for (const [index, { method, url, ...asking }] of foreign.entries()) {
    if (lists.includes(`${method} ${url}`)) continue
    const one = await house.ask(method, url, { ...asking, token })
    const two = await house.ask(method, (absent[index] as Call).url, { ...asking, ...absent[index], token })
    // An unknown id in the address is a 404; an unknown id in a body is a fault of the body.
    t.equal(one.statusCode, url === '/v1/offer-links' ? 422 : 404, `${method} ${url} ${one.body}`)
    t.same(plainly(one), plainly(two), `${method} ${url}`)
  }
})

t.test('an offer link gives access to one pact and nothing else', async (t) => {
  const house = await world(t)
  const other = await pactIn(house, 'negotiating')
  const id = await pactIn(house, 'negotiating', { parties: [house.committee] })
  const { token } = await offerLink(house, id)
  const { proposalId } = await textOf(house, house.icog, other)
  const own = await textOf(house, house.icog, id)

  for (const path of ['', '/proposals', '/responses', '/transitions']) {
    t.equal((await house.ask('GET', `/v1/pacts/${id}${path}`, { token })).statusCode, 200, path)
    t.equal((await house.ask('GET', `/v1/pacts/${other}${path}`, { token })).statusCode, 404, path)
  }
  t.equal((await house.ask('GET', `/v1/proposals/${own.proposalId}`, { token })).statusCode, 200)
  t.equal((await house.ask('GET', `/v1/proposals/${proposalId}`, { token })).statusCode, 404)
  for (const url of ['/v1/pacts', '/v1/offer-links', `/v1/pacts/${id}/signatures`, '/v1/delegates']) {
    t.equal((await house.ask('GET', url, { token })).statusCode, 403, url)
  }
})

t.test(
  'a caller with mandates in two parties of a pact must name the party for which they act',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const id = await pactIn(house, 'negotiating')
    done(
      await house.ask('POST', `/v1/delegates/${icog.delegateId}/enrolment-links`, {
        token: icog.token,
        body: {},
      }),
    )
    await house.database.transaction(async (tx) => {
      await tx.$client.query(
        `insert into mandates (id, version, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       select gen_random_uuid(), 1, now(), now(), 'active', $1, $2, 'delegate', '{negotiate,sign}', '2026-01-01'`,
        [icog.delegateId, union.id],
      )
    })
    const text = await textOf(house, icog, id)
    const respond = (body: object) =>
      house.ask('POST', `/v1/pacts/${id}/responses`, { token: icog.token, body })

    const unclear = await respond({ ...text, decision: 'comment' })
    t.equal(unclear.statusCode, 422)
    t.match(unclear.data.errors, [{ pointer: '/organisationId', code: 'several_parties' }])
    const clear = await respond({ ...text, decision: 'comment', organisationId: union.id })
    t.equal(clear.statusCode, 201)
    t.equal(clear.data.organisation.id, union.id)
    const foreign = await respond({ ...text, decision: 'comment', organisationId: house.stranger.id })
    t.equal(foreign.statusCode, 403)
  },
)

const lists = ['GET /v1/pacts', 'GET /v1/offer-links']

/** Each operation on a pact, its proposals and its links that takes a token; `absent` asks for other ids. */
async function everyCall(
  house: Awaited<ReturnType<typeof world>>,
  pactId: string,
  linkId: string,
  absent = false,
): Promise<Call[]> {
  const text = await textOf(house, house.icog, pactId)
  const pact = absent ? absentId : pactId
  const ifMatch = { headers: { 'if-match': '*' } }
  const inPact = `/v1/pacts/${pact}`
  return [
    { method: 'GET', url: '/v1/pacts' },
    { method: 'GET', url: '/v1/offer-links' },
    { method: 'GET', url: inPact },
    { method: 'PATCH', url: inPact, body: { title: 'Another' }, ...ifMatch },
    { method: 'GET', url: `${inPact}/transitions` },
    { method: 'POST', url: `${inPact}/transitions`, body: { move: 'withdraw' }, ...ifMatch },
    { method: 'GET', url: `${inPact}/proposals` },
    { method: 'POST', url: `${inPact}/proposals`, body: terms(house) },
    { method: 'GET', url: `/v1/proposals/${absent ? absentId : text.proposalId}` },
    { method: 'GET', url: `${inPact}/responses` },
    { method: 'POST', url: `${inPact}/responses`, body: { ...text, decision: 'accept' } },
    { method: 'GET', url: `${inPact}/signatures` },
    { method: 'POST', url: `${inPact}/signatures`, body: text },
    { method: 'GET', url: `${inPact}/verification` },
    { method: 'POST', url: '/v1/offer-links', body: { pactId: pact, organisationId: house.committee.id } },
    { method: 'GET', url: `/v1/offer-links/${absent ? absentId : linkId}` },
    { method: 'DELETE', url: `/v1/offer-links/${absent ? absentId : linkId}` },
  ]
}
