import t from 'tap'
import { digestOf } from '../../src/platform/wire/canonical-json.ts'
import { asOwner } from '../databases.ts'
import { absentId, ledgerOf, seat } from '../fixtures/unions.ts'
import {
  dayAfter,
  draftPact,
  instantAfter,
  pactIn,
  propose,
  terms,
  textOf,
  world,
} from '../fixtures/world.ts'

t.test(
  'the first proposal opens the negotiation, and its digest can be recomputed from the answer',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const id = await draftPact(house)

    const body = terms(house)
    const made = await house.ask('POST', `/v1/pacts/${id}/proposals`, { token: icog.token, body })

    t.equal(made.statusCode, 201, made.body)
    t.match(made.data, {
      number: 1,
      status: 'open',
      supersedesId: null,
      author: { id: icog.id },
      pact: { id },
    })
    const { authentic, texts, commitments, term, noticeDays } = body
    const parties = [icog.id, union.id].sort()
    const fixed = { pactId: id, number: 1, purpose: 'mutual_support', parties }
    t.same(made.data.content, { ...fixed, authentic, texts, commitments, term, noticeDays })
    t.equal(made.data.contentDigest, digestOf(made.data.content))
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: union.token })
    t.match(pact.data, {
      status: 'negotiating',
      version: 2,
      proposal: { id: made.data.id, contentDigest: made.data.contentDigest, number: 1 },
      parties: [
        { acceptedCurrent: true, signed: false },
        { acceptedCurrent: false, signed: false },
      ],
    })
    t.match(await ledgerOf(house, id), [
      { type: 'pact.drafted' },
      { type: 'pact.proposed', move: 'propose', from_status: 'draft', to_status: 'negotiating' },
    ])
    const [entry] = await ledgerOf(house, made.data.id)
    t.match(entry, { type: 'proposal.made', mandate_id: icog.mandateId, details: { pactId: id, number: 1 } })
  },
)

t.test(
  'all line breaks in a proposal become line feeds before the digest, and the answer shows them',
  async (t) => {
    const house = await world(t)
    const id = await draftPact(house)
    const body = {
      ...terms(house),
      authentic: 'en',
      texts: { en: { title: 'Solidarity', body: 'One.\r\nTwo.\rThree.\u0085Four.\n\r\nFive.\u2028Six.' } },
    }

    const made = await house.ask('POST', `/v1/pacts/${id}/proposals`, { token: house.icog.token, body })

    t.equal(made.statusCode, 201, made.body)
    t.equal(made.data.content.texts.en.body, 'One.\nTwo.\nThree.\nFour.\n\nFive.\u2028Six.')
    t.equal(made.data.contentDigest, digestOf(made.data.content))
    const text = await textOf(house, house.icog, id)
    t.equal(text.contentDigest, made.data.contentDigest, 'and so does who reads it later')
  },
)

t.test('a commitment can have every kind of due date and name every party', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await draftPact(house)
  const common = { kind: 'mutual_visit', giver: icog.id, beneficiary: union.id, description: 'A visit.' }
  const commitments = [
    { ...common, due: { kind: 'on_request', withinHours: 72 } },
    { ...common, due: { kind: 'by_date', date: '2026-10-23' } },
    { ...common, giver: 'all', due: { kind: 'every_months', months: 6 } },
  ]

  const made = await propose(house, icog, id, { commitments })

  t.same(made.content.commitments, commitments)
  t.equal(made.contentDigest, digestOf(made.content))
})

t.test('a counter-proposal replaces the open proposal, and the parties answer again', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')
  const { proposalId: first } = await textOf(house, icog, id)

  const second = await propose(house, union, id, { supersedesId: first, noticeDays: 60 })

  t.match(second, { number: 2, supersedesId: first, author: { id: union.id } })
  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  t.same(
    pact.data.parties.map((party: any) => [party.organisation.id, party.standing, party.acceptedCurrent]),
    [
      [icog.id, 'party', false],
      [union.id, 'party', true],
    ],
  )
  t.equal((await house.ask('GET', `/v1/proposals/${first}`, { token: icog.token })).data.status, 'superseded')
  t.match((await ledgerOf(house, first)).at(-1), { type: 'proposal.superseded', move: 'supersede' })
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.countered', mandate_id: union.mandateId })
  const list = await house.ask('GET', `/v1/pacts/${id}/proposals`, { token: icog.token })
  t.same(
    list.data.data.map((proposal: any) => proposal.number),
    [2, 1],
  )
  const open = await house.ask('GET', `/v1/pacts/${id}/proposals?status=superseded`, { token: icog.token })
  t.same(
    open.data.data.map((proposal: any) => proposal.id),
    [first],
  )
})

t.test('the author of a proposal can replace it with a new one', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')
  const { proposalId } = await textOf(house, house.icog, id)

  const revised = await propose(house, house.icog, id, { supersedesId: proposalId })

  t.match(revised, { number: 2, author: { id: house.icog.id } })
})

t.test(
  'a counter-proposal must name the open proposal, and the refusal says which one that is',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const id = await pactIn(house, 'negotiating')
    const first = await textOf(house, icog, id)
    const put = (change: object) =>
      house.ask('POST', `/v1/pacts/${id}/proposals`, {
        token: union.token,
        body: terms(house, { ...change }),
      })

    const refused = await put({})
    t.equal(refused.statusCode, 409)
    t.equal(refused.data.code, 'proposal_superseded')
    t.ok(refused.data.detail.includes(first.proposalId))
    t.ok(refused.data.detail.includes(first.contentDigest))
    const foreign = await textOf(house, icog, await pactIn(house, 'negotiating', { purpose: 'exchange' }))
    for (const supersedesId of [absentId, foreign.proposalId]) {
      const unknown = await put({ supersedesId })
      t.equal(unknown.statusCode, 422)
      t.match(unknown.data.errors, [{ pointer: '/supersedesId', code: 'unknown_proposal' }])
    }
  },
)

t.test('of two concurrent counter-proposals, one succeeds', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')

  for (let round = 0; round < 5; round++) {
    const { proposalId: supersedesId } = await textOf(house, icog, id)
    const put = ({ token }: { token: string }) =>
      house.ask('POST', `/v1/pacts/${id}/proposals`, { token, body: terms(house, { supersedesId }) })
    const answers = await Promise.all([put(icog), put(union)])
    t.same(answers.map((answer) => answer.statusCode).sort(), [201, 409])
  }
  const { version } = (await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data
  t.equal((await ledgerOf(house, id)).length, version, 'as many entries as versions')
})

t.test('only parties of a pact can make proposals, and in a draft only the proposer', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const visitor = await seat(house, union, { office: 'delegate', powers: ['visit'] })
  const draft = await draftPact(house)
  const id = await pactIn(house, 'negotiating')
  const put = (pactId: string, token: string, change: object = {}) =>
    house.ask('POST', `/v1/pacts/${pactId}/proposals`, { token, body: terms(house, { ...change }) })

  t.equal((await put(draft, union.token)).statusCode, 404)
  t.equal((await put(id, house.stranger.token)).statusCode, 404)
  t.equal((await put(id, visitor.token)).statusCode, 403)
  t.equal((await put(draft, icog.token, { organisationId: union.id })).statusCode, 403)
})

t.test('a proposal with several faults gets all of them in one answer', async (t) => {
  const house = await world(t)
  const { icog, stranger } = house
  const id = await draftPact(house)
  const [commitment] = terms(house).commitments
  const refused = await house.ask('POST', `/v1/pacts/${id}/proposals`, {
    token: icog.token,
    body: terms(house, {
      commitments: [
        { ...commitment, giver: stranger.id },
        { ...commitment, giver: icog.id, beneficiary: icog.id },
        { ...commitment, beneficiary: absentId },
      ],
      term: { startsOn: dayAfter(house, -9), endsOn: dayAfter(house, -2) },
      answerBy: instantAfter(house, -1),
    }),
  })

  t.equal(refused.statusCode, 422)
  t.same(
    refused.data.errors.map((fault: any) => [fault.pointer, fault.code]),
    [
      ['/commitments/0/giver', 'not_a_party'],
      ['/commitments/1/beneficiary', 'promise_to_itself'],
      ['/commitments/2/beneficiary', 'not_a_party'],
      ['/answerBy', 'in_the_past'],
      ['/term/endsOn', 'in_the_past'],
    ],
  )
  t.equal((await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data.status, 'draft')
})

t.test('an invalid proposal is refused with the code and place of the fault', async (t) => {
  const house = await world(t)
  const id = await draftPact(house)
  const [commitment] = terms(house).commitments
  const text = { title: 'Pact', body: 'Text' }
  const due = (given: object) => ({ commitments: [{ ...commitment, due: given }] })
  const cases: [object, string, string][] = [
    [{ authentic: 'fr' }, '/authentic', 'not_among_the_texts'],
    [{ texts: {} }, '/texts', 'wrong_count'],
    [{ texts: { en: text, xx: text } }, '/texts/xx', 'unknown_language'],
    [{ texts: { en: { ...text, body: 'a\u0000b' } } }, '/texts/en/body', 'forbidden_character'],
    [{ term: { startsOn: '2026-05-01', endsOn: '2026-05-01' } }, '/term/endsOn', 'ends_before_it_starts'],
    [{ term: { startsOn: '2026-02-30', endsOn: null } }, '/term/startsOn', 'no_such_date'],
    [{ answerBy: 'tomorrow' }, '/answerBy', 'invalid_format'],
    [{ answerBy: instantAfter(house, 366) }, '/answerBy', 'too_far'],
    [{ noticeDays: -1 }, '/noticeDays', 'too_small'],
    [due({ kind: 'soon' }), '/commitments/0/due/kind', 'unknown_value'],
    [due({ kind: 'on_request', months: 3 }), '/commitments/0/due/withinHours', 'required'],
    [{ commitments: [{ ...commitment, giver: 'everybody' }] }, '/commitments/0/giver', 'invalid_format'],
    [{ commitments: [{ ...commitment, kind: 'favour' }] }, '/commitments/0/kind', 'unknown_value'],
  ]
  for (const [change, pointer, code] of cases) {
    const refused = await house.ask('POST', `/v1/pacts/${id}/proposals`, {
      token: house.icog.token,
      body: terms(house, { ...change }),
    })
    t.equal(refused.statusCode, 422, pointer)
    t.ok(
      refused.data.errors.some((fault: any) => fault.pointer === pointer && fault.code === code),
      `${pointer} ${code}: ${refused.body}`,
    )
  }
})

t.test('a proposal is shown in the language that Accept-Language prefers', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')
  const { proposalId } = await textOf(house, house.icog, id)
  const read = async (language?: string) => {
    const headers = language === undefined ? {} : { 'accept-language': language }
    const url = `/v1/proposals/${proposalId}`
    const answer = await house.ask('GET', url, { token: house.union.token, headers })
    t.equal(answer.headers.vary, 'Accept-Language')
    t.equal(answer.headers['content-language'], answer.data.text.language)
    return answer
  }

  const german = await read('de-AT,en;q=0.5')
  t.match(german.data.text, { language: 'de', title: 'Solidaritätspakt', authentic: false })
  t.same(Object.keys(german.data.content.texts).sort(), ['de', 'en'])
  const authentic = await read('be')
  t.match(authentic.data.text, { language: 'en', authentic: true })
  t.not(german.headers.etag, authentic.headers.etag)
  t.equal((await read()).data.text.language, 'en')
})

t.test('the database refuses to change or delete a proposal', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'signing')
  const { proposalId } = await textOf(house, house.icog, id)
  const run = (statement: string) => asOwner(house.ownerUrl, statement)

  await t.rejects(run(`update proposals set content = '{}' where id = '${proposalId}'`), /never edited/)
  await t.rejects(run(`update proposals set status = 'open' where id = '${proposalId}'`), /never edited/)
  await t.rejects(run(`delete from proposals where id = '${proposalId}'`), /append-only/)
  await t.rejects(run('truncate proposals cascade'), /append-only/)
  await t.rejects(run(`update responses set decision = 'decline'`), /append-only/)
  await t.rejects(run(`delete from responses`), /append-only/)
})
