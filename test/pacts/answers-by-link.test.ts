import t from 'tap'
import { proposalExpiry } from '../../src/pacts/jobs.ts'
import { absentId, ledgerOf } from '../fixtures/unions.ts'
import { done, instantAfter, offerLink, pactIn, respond, terms, textOf, world } from '../fixtures/world.ts'
import { answer, offered, type Words } from '../fixtures/offers.ts'

t.test('accepting with an offer link counts for the invited organisation and uses the link up', async (t) => {
  const house = await world(t)
  const { link, text } = await offered(house)

  const accepted = await answer(house, link.token, { ...text, decision: 'accept' })

  t.match(accepted.data, { linkSpent: true, pact: { status: 'signing' }, response: { decision: 'accept' } })
  t.match(await ledgerOf(house, link.id), [
    { type: 'offer_link.created' },
    { type: 'offer_link.used', actor_id: link.id },
  ])
})

t.test('declining with an offer link ends a pact of two parties', async (t) => {
  const house = await world(t)
  const { link, text } = await offered(house)

  const declined = await answer(house, link.token, { ...text, decision: 'decline' })

  t.match(declined.data, { linkSpent: true, pact: { status: 'declined' } })
})

t.test('a counter-proposal with an offer link goes to the other parties', async (t) => {
  const house = await world(t)
  const { icog, committee } = house
  const { id, link, text } = await offered(house)

  const countered = await answer(house, link.token, {
    ...text,
    decision: 'counter',
    proposal: terms(house, { noticeDays: 3 }),
  })

  t.equal(countered.statusCode, 201, countered.body)
  t.match(countered.data, {
    linkSpent: true,
    response: null,
    proposal: { number: 2, author: { id: committee.id }, supersedesId: text.proposalId },
    pact: { status: 'negotiating', proposal: { number: 2 } },
  })
  t.equal(countered.headers.location, countered.data.proposal.url)
  t.equal(countered.headers['content-language'], 'en')
  done(await respond(house, icog, id, 'accept'))
  t.equal((await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data.status, 'signing')
})

t.test('of several concurrent final answers with one offer link, exactly one succeeds', async (t) => {
  const house = await world(t)
  const { icog } = house
  for (let round = 0; round < 4; round++) {
    const purpose = ['mutual_support', 'exchange', 'strike_support', 'defence_of_the_persecuted'][
      round
    ] as string
    const id = await pactIn(house, 'negotiating', { parties: [house.committee], purpose })
    const { token } = await offerLink(house, id)
    const text = await textOf(house, icog, id)

    const answers = await Promise.all([
      answer(house, token, { ...text, decision: 'accept' }),
      answer(house, token, { ...text, decision: 'decline' }),
      answer(house, token, { ...text, decision: 'counter', proposal: terms(house) }),
      answer(house, token, { ...text, decision: 'accept' }),
    ])

    t.same(answers.map((one) => one.statusCode).sort(), [201, 410, 410, 410])
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.version, (await ledgerOf(house, id)).length, 'as many entries as versions')
  }
})

t.test('the statement with a counter-proposal is stored as a comment', async (t) => {
  const house = await world(t)
  const { id, link, text } = await offered(house)
  house.travelTo(instantAfter(house, 11))
  await house.run(proposalExpiry)

  const words = { statement: 'Names only with consent.', language: 'en' }
  const proposal = terms(house)
  const countered = await answer(house, link.token, { ...text, ...words, decision: 'counter', proposal })

  t.match(countered.data, { response: { ...words, decision: 'comment', proposalId: text.proposalId } })
  t.match(countered.data.proposal, { supersedesId: null, number: 2 }, 'the one before had expired')
  const heard = await house.ask('GET', `/v1/pacts/${id}/responses`, { token: house.icog.token })
  t.match(heard.data.data, [words])
})

t.test('a refused answer does not use up the offer link', async (t) => {
  const house = await world(t)
  const { link, text, id } = await offered(house)
  const refused: [Words, number, string][] = [
    [{ ...text, decision: 'accept', contentDigest: '0'.repeat(64) }, 409, 'proposal_superseded'],
    [
      { ...text, decision: 'counter', contentDigest: '0'.repeat(64), proposal: terms(house) },
      409,
      'proposal_superseded',
    ],
    [{ ...text, decision: 'counter', proposalId: absentId, proposal: terms(house) }, 422, 'invalid_input'],
    [
      { ...text, decision: 'counter', proposal: terms(house, { answerBy: '2026-01-01T00:00:00Z' }) },
      422,
      'invalid_input',
    ],
    [{ ...text, decision: 'counter' }, 422, 'invalid_input'],
    [{ ...text, decision: 'accept', proposal: terms(house) }, 422, 'invalid_input'],
    [{ ...text, decision: 'maybe' }, 422, 'invalid_input'],
  ]

  for (const [body, status, code] of refused) {
    const told = await answer(house, link.token, body)
    t.equal(told.statusCode, status, told.body)
    t.equal(told.data.code, code)
  }
  const faults = await answer(house, link.token, {
    ...text,
    decision: 'counter',
    proposal: terms(house, { answerBy: '2026-01-01T00:00:00Z' }),
  })
  t.match(faults.data.errors, [{ pointer: '/proposal/answerBy', code: 'in_the_past' }])
  t.equal((await house.ask('GET', `/v1/pacts/${id}`, { token: link.token })).statusCode, 200)
})

t.test(
  'a repeated answer with an offer link and the same Idempotency-Key returns the first answer',
  async (t) => {
    const house = await world(t)
    const { link, text } = await offered(house)
    const asking = {
      token: link.token,
      headers: { 'idempotency-key': 'an-answer-that-got-lost' },
      body: { ...text, decision: 'accept' },
    }

    const first = await house.ask('POST', '/v1/answers', asking)
    const again = await house.ask('POST', '/v1/answers', asking)

    t.equal(again.statusCode, 201, again.body)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.same(again.data, first.data)
    const other = { ...asking, headers: { 'idempotency-key': 'another-key-of-its-own' } }
    t.equal((await house.ask('POST', '/v1/answers', other)).statusCode, 410)
  },
)

t.test('of two concurrent comments with one Idempotency-Key, one is stored', async (t) => {
  const house = await world(t)
  const { id, link, text } = await offered(house)
  const asking = {
    token: link.token,
    headers: { 'idempotency-key': 'two-taps-on-one-button' },
    body: { ...text, decision: 'comment', statement: 'Who pays the fare?', language: 'en' },
  }

  const answers = await Promise.all([1, 2, 3, 4].map(() => house.ask('POST', '/v1/answers', asking)))

  const told = answers.map(({ statusCode, data }) => (statusCode === 201 ? 'stored' : data.code))
  t.ok(told.includes('stored'))
  t.same(
    told.filter((one) => one !== 'stored' && one !== 'idempotency_in_progress'),
    [],
  )
  const heard = done(await house.ask('GET', `/v1/pacts/${id}/responses`, { token: house.icog.token }))
  t.match(heard.data.data, [{ decision: 'comment', language: 'en' }])
  t.equal(heard.data.data.length, 1)
})
