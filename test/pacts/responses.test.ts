import t from 'tap'
import { absentId, ledgerOf, seat } from '../fixtures/unions.ts'
import {
  done,
  instantAfter,
  move,
  pactIn,
  propose,
  respond,
  textOf,
  world,
  type World,
} from '../fixtures/world.ts'

const statusOf = async ({ ask, icog }: World, id: string): Promise<string> =>
  (await ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data['status'] as string

t.test('comments and requests for more time are stored and decide nothing', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')
  const text = await textOf(house, union, id)

  const body = { ...text, decision: 'comment', statement: 'Who pays the fare?', language: 'en' }
  const commented = await house.ask('POST', `/v1/pacts/${id}/responses`, { token: union.token, body })
  done(await respond(house, union, id, 'needs_more_time'))
  done(await respond(house, icog, id, 'comment'))

  t.equal(commented.statusCode, 201, commented.body)
  t.match(commented.data, { ...body, pactId: id, organisation: { id: union.id } })
  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  t.match(pact.data, { status: 'negotiating', version: 2 })
  const heard = await house.ask('GET', `/v1/pacts/${id}/responses`, { token: icog.token })
  t.same(
    heard.data.data.map((response: any) => [response.organisation.id, response.decision]),
    [
      [icog.id, 'comment'],
      [union.id, 'needs_more_time'],
      [union.id, 'comment'],
    ],
  )
  const one = await house.ask('GET', `/v1/pacts/${id}/responses?decision=needs_more_time`, {
    token: icog.token,
  })
  t.equal(one.data.data.length, 1)
  t.match(await ledgerOf(house, commented.data.id), [
    { type: 'response.given', mandate_id: union.mandateId, details: { decision: 'comment', pactId: id } },
  ])
})

t.test('a pact becomes signing when all parties have accepted one proposal', async (t) => {
  const house = await world(t)
  const { icog, union, stranger } = house
  const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })
  const { proposalId } = await textOf(house, icog, id)

  done(await respond(house, union, id, 'accept'))
  t.equal(await statusOf(house, id), 'negotiating', 'one is missing')
  done(await respond(house, stranger, id, 'accept'))

  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: union.token })
  t.match(pact.data, { status: 'signing', signBy: instantAfter(house, 30), proposal: { status: 'accepted' } })
  t.ok(pact.data.parties.every((party: any) => party.acceptedCurrent && party.standing === 'party'))
  t.match((await ledgerOf(house, id)).slice(2), [
    { type: 'pact.accepted', mandate_id: union.mandateId },
    { type: 'pact.accepted', mandate_id: stranger.mandateId },
    { type: 'pact.agreed', move: 'agree', from_status: 'negotiating', to_status: 'signing' },
  ])
  t.match((await ledgerOf(house, proposalId)).at(-1), { type: 'proposal.accepted' })
  t.equal(pact.data.version, (await ledgerOf(house, id)).length)
})

t.test('a decision on a proposal is final, also when it is sent twice at once', async (t) => {
  const house = await world(t)
  const { union, stranger } = house
  const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })

  const answers = await Promise.all([1, 2, 3].map(() => respond(house, union, id, 'accept')))

  t.same(answers.map((answer) => answer.statusCode).sort(), [201, 409, 409])
  const refused = answers.filter((answer) => answer.statusCode === 409)
  t.ok(refused.every((answer) => answer.data.code === 'already_answered'))
  const changed = await respond(house, union, id, 'decline')
  t.equal(changed.data.code, 'already_answered')
})

t.test('the author of a proposal counts as having accepted it and cannot accept it again', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')

  const own = await respond(house, house.icog, id, 'accept')
  done(await respond(house, house.union, id, 'accept'))
  const twice = await respond(house, house.union, id, 'accept')

  for (const refused of [own, twice]) {
    t.equal(refused.statusCode, 409)
    t.equal(refused.data.code, 'already_answered')
  }
})

t.test('a decision needs the current proposal and the digest of its text', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')
  const other = await textOf(house, icog, await pactIn(house, 'negotiating', { purpose: 'exchange' }))
  const first = await textOf(house, union, id)
  const { id: currentId } = await propose(house, icog, id, { supersedesId: first.proposalId })
  const current = await textOf(house, union, id)
  const answer = (body: object) =>
    house.ask('POST', `/v1/pacts/${id}/responses`, { token: union.token, body })

  const outdated = [
    { ...first, decision: 'accept' },
    { ...first, decision: 'decline' },
    { ...current, contentDigest: first.contentDigest, decision: 'accept' },
    { ...current, contentDigest: '0'.repeat(64), decision: 'comment' },
  ]
  for (const body of outdated) {
    const refused = await answer(body)
    t.equal(refused.statusCode, 409, refused.body)
    t.equal(refused.data.code, 'proposal_superseded')
    t.ok(refused.data.detail.includes(currentId))
  }
  for (const body of [
    { ...current, proposalId: absentId, decision: 'comment' },
    { ...other, decision: 'accept' },
  ]) {
    const unknown = await answer(body)
    t.equal(unknown.statusCode, 422, unknown.body)
    t.match(unknown.data.errors, [{ pointer: '/proposalId', code: 'unknown_proposal' }])
  }
  t.equal(
    (await answer({ ...first, decision: 'comment' })).statusCode,
    201,
    'what was superseded can be spoken of',
  )
})

t.test(
  'after the deadline a proposal cannot be accepted, even before the job expires it, but can be declined',
  async (t) => {
    const house = await world(t)
    const id = await pactIn(house, 'negotiating')
    house.travelTo(instantAfter(house, 11))

    const late = await respond(house, house.union, id, 'accept')
    t.equal(late.statusCode, 409)
    t.equal(late.data.code, 'answer_too_late')
    t.equal((await respond(house, house.union, id, 'decline')).statusCode, 201)
    t.equal(await statusOf(house, id), 'declined')
  },
)

t.test(
  'declining removes the party and closes the proposal, and the others continue with a new proposal',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })
    const { proposalId } = await textOf(house, icog, id)
    done(await respond(house, stranger, id, 'accept'))

    done(await respond(house, union, id, 'decline'))

    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.match(pact.data, { status: 'negotiating', proposal: { id: proposalId, status: 'declined' } })
    t.equal(pact.data.parties.find((party: any) => party.organisation.id === union.id).standing, 'declined')
    t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.party_declined', mandate_id: union.mandateId })
    const gone = await respond(house, union, id, 'comment')
    t.equal(gone.statusCode, 403, 'who left has no say any more')
    const stale = await house.ask('POST', `/v1/pacts/${id}/responses`, {
      token: icog.token,
      body: { ...(await textOf(house, icog, id)), decision: 'accept' },
    })
    t.equal(stale.statusCode, 409)

    await propose(house, icog, id)
    done(await respond(house, stranger, id, 'accept'))
    t.equal(await statusOf(house, id), 'signing')
  },
)

t.test('a pact becomes declined if its proposer declines, or if fewer than two parties remain', async (t) => {
  const house = await world(t)
  const { icog, union, stranger } = house
  const pair = await pactIn(house, 'negotiating')
  done(await respond(house, union, pair, 'decline'))
  const three = await pactIn(house, 'negotiating', { parties: [union, stranger] })
  const { proposalId } = await textOf(house, icog, three)
  await propose(house, union, three, { supersedesId: proposalId })
  done(await respond(house, icog, three, 'decline'))

  for (const id of [pair, three]) {
    t.equal(await statusOf(house, id), 'declined')
    t.match((await ledgerOf(house, id)).at(-1), {
      type: 'pact.declined',
      move: 'decline',
      to_status: 'declined',
    })
  }
})

t.test('a pact accepts decisions only while it is negotiated, and no comment after its end', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  for (const state of ['withdrawn', 'declined', 'active', 'expired', 'lapsed'] as const) {
    const id = await pactIn(house, state, { purpose: state === 'expired' ? 'exchange' : 'mutual_support' })
    const refused = await respond(house, icog, id, 'comment')
    t.equal(refused.statusCode, 409, state)
    t.match(refused.data, { code: 'move_not_allowed', currentStatus: state })
  }
  const id = await pactIn(house, 'signing', { purpose: 'strike_support' })
  t.equal((await respond(house, union, id, 'comment')).statusCode, 201)
  t.match((await respond(house, icog, id, 'decline')).data, {
    code: 'move_not_allowed',
    currentStatus: 'signing',
    allowedMoves: ['reopen', 'withdraw'],
  })
})

t.test('answering a proposal requires the power to negotiate', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')
  const signer = await seat(house, house.union, { office: 'delegate', powers: ['sign'] })

  t.equal((await respond(house, signer, id, 'accept')).statusCode, 403)
})

t.test('an API client answers a proposal with the powers that it was given', async (t) => {
  const house = await world(t)
  const { union } = house
  const id = await pactIn(house, 'negotiating')
  const mint = (powers: string[]) => {
    const scopes = ['pacts:read', 'pacts:write']
    const body = { label: 'office', scopes, organisationId: union.id, powers }
    return house.ask('POST', '/v1/tokens', { token: union.token, body })
  }
  const [without, client] = [done(await mint([])).data, done(await mint(['negotiate'])).data]

  t.equal((await respond(house, { token: without.secret }, id, 'accept')).statusCode, 403)
  done(await respond(house, { token: client.secret }, id, 'accept'))

  const entry = (await ledgerOf(house, id)).at(-1)
  t.match(entry, { type: 'pact.agreed', actor_kind: 'client', actor_id: client.id, mandate_id: null })
})

t.test('two pacts with the same purpose between the same two parties cannot overlap in time', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const first = await pactIn(house, 'signing')
  const second = await pactIn(house, 'negotiating')

  const refused = await respond(house, union, second, 'accept')

  t.equal(refused.statusCode, 409)
  t.equal(refused.data.code, 'pact_overlaps')
  t.equal(await statusOf(house, second), 'negotiating', 'nothing has changed')
  t.equal(
    (await respond(house, union, await pactIn(house, 'negotiating', { purpose: 'exchange' }), 'accept'))
      .statusCode,
    201,
  )
  const later = { term: { startsOn: '2028-01-01', endsOn: null } }
  t.equal(
    (await respond(house, union, await pactIn(house, 'negotiating', { terms: later }), 'accept')).statusCode,
    201,
  )
  done(await move(house, icog, first, 'withdraw'))
  t.equal((await respond(house, union, second, 'accept')).statusCode, 201, 'a dead pact is in nobody’s way')
})

t.test('of a concurrent acceptance and withdrawal of a pact, one succeeds', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  for (let round = 0; round < 6; round++) {
    const id = await pactIn(house, 'negotiating')
    const text = await textOf(house, union, id)
    const accept = { token: union.token, body: { ...text, decision: 'accept' } }
    const withdraw = { token: icog.token, headers: { 'if-match': '"2"' }, body: { move: 'withdraw' } }

    const [accepted, withdrawn] = await Promise.all([
      house.ask('POST', `/v1/pacts/${id}/responses`, accept),
      house.ask('POST', `/v1/pacts/${id}/transitions`, withdraw),
    ])

    const won = accepted.statusCode === 201
    t.equal(withdrawn.statusCode, won ? 412 : 200, withdrawn.body)
    t.equal(accepted.statusCode, won ? 201 : 409, accepted.body)
    t.equal(await statusOf(house, id), won ? 'signing' : 'withdrawn')
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.version, (await ledgerOf(house, id)).length, 'as many entries as versions')
    if (won) done(await move(house, icog, id, 'withdraw'))
  }
})
