import t from 'tap'
import { absentId, ledgerOf, plainly, registerUnion, seat, type Union } from '../fixtures/unions.ts'
import { done, draftPact, makeKnown, move, pactIn, propose, world, type World } from '../fixtures/world.ts'

const drafting = ({ icog, union }: World, change: object = {}) => ({
  organisationId: icog.id,
  title: 'Pact with the metal workers',
  purpose: 'mutual_support',
  partyIds: [union.id],
  ...change,
})

t.test('a verified organisation drafts a pact, and the ledger entry names the mandate', async (t) => {
  const house = await world(t)
  const { icog, union, committee } = house

  const body = drafting(house, { partyIds: [union.id, committee.id] })
  const drafted = await house.ask('POST', '/v1/pacts', { token: icog.token, body })

  t.equal(drafted.statusCode, 201, drafted.body)
  t.equal(drafted.headers.location, drafted.data.url)
  t.match(drafted.data, { status: 'draft', version: 1, proposal: null, allowedMoves: ['withdraw'] })
  t.same(
    drafted.data.parties.map((party: any) => [party.organisation.id, party.standing]),
    [
      [icog.id, 'party'],
      [union.id, 'invited'],
      [committee.id, 'invited'],
    ],
    'the proposer first, then by name',
  )
  t.match(await ledgerOf(house, drafted.data.id), [{ type: 'pact.drafted', mandate_id: icog.mandateId }])
})

t.test('drafting a pact twice with the same Idempotency-Key creates one pact', async (t) => {
  const house = await world(t)
  const asking = {
    token: house.icog.token,
    headers: { 'idempotency-key': 'a-key-of-sixteen-or-more' },
    body: drafting(house),
  }

  const [first, second] = [
    await house.ask('POST', '/v1/pacts', asking),
    await house.ask('POST', '/v1/pacts', asking),
  ]

  t.equal(second.statusCode, 201)
  t.equal(second.headers['idempotency-replayed'], 'true')
  t.same(second.data, first.data)
  const listed = await house.ask('GET', '/v1/pacts', { token: house.icog.token })
  t.equal(listed.data.data.length, 1)
})

t.test('only the proposer sees a draft, also after it was withdrawn', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await draftPact(house)
  const absent = await house.ask('GET', `/v1/pacts/${absentId}`, { token: union.token })
  const hidden = async () => {
    const answer = await house.ask('GET', `/v1/pacts/${id}`, { token: union.token })
    t.equal(answer.statusCode, 404)
    t.same(plainly(answer), plainly(absent))
    t.same((await house.ask('GET', '/v1/pacts', { token: union.token })).data.data, [])
  }

  await hidden()
  done(await move(house, icog, id, 'withdraw'))
  await hidden()
})

t.test('a party sees a pact when it is proposed, and a stranger gets 404', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')

  t.equal(
    (await house.ask('GET', `/v1/pacts/${id}`, { token: house.union.token })).data.status,
    'negotiating',
  )
  const paths = ['', '/proposals', '/responses', '/signatures', '/verification', '/transitions']
  for (const path of paths) {
    const foreign = await house.ask('GET', `/v1/pacts/${id}${path}`, { token: house.stranger.token })
    const absent = await house.ask('GET', `/v1/pacts/${absentId}${path}`, { token: house.stranger.token })
    t.equal(foreign.statusCode, 404, path)
    t.same(plainly(foreign), plainly(absent), path)
  }
})

t.test('an organisation that is not verified cannot propose a pact', async (t) => {
  const house = await world(t)
  const young = await registerUnion(house, { name: 'Young union' })

  const body = drafting(house, { organisationId: young.id })
  const refused = await house.ask('POST', '/v1/pacts', { token: young.token, body })

  t.equal(refused.statusCode, 403)
  t.match(refused.data.detail, /Ask a coordinator to verify/)
})

t.test('drafting a pact requires the power to negotiate', async (t) => {
  const house = await world(t)
  const visitor = await seat(house, house.icog, { office: 'delegate', powers: ['visit', 'sign'] })

  for (const token of [visitor.token, house.union.token]) {
    const refused = await house.ask('POST', '/v1/pacts', { token, body: drafting(house) })
    t.equal(refused.statusCode, 403)
    t.match(refused.data.detail, /"negotiate"/)
  }
})

t.test(
  'the refusal of a draft lists every invalid addressee, a missing one like an invisible one',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const dead = await rejected(house)
    const hidden = await registerUnion(house, { name: 'Hidden' })

    const partyIds = [icog.id, union.id, union.id, absentId, dead.id]
    const faults = await house.ask('POST', '/v1/pacts', {
      token: icog.token,
      body: drafting(house, { partyIds }),
    })
    const foreign = await house.ask('POST', '/v1/pacts', {
      token: hidden.token,
      body: drafting(house, { organisationId: hidden.id, partyIds: [dead.id] }),
    })

    t.equal(faults.statusCode, 422)
    t.same(
      faults.data.errors.map((fault: any) => [fault.pointer, fault.code]),
      [
        ['/partyIds/0', 'is_the_proposer'],
        ['/partyIds/2', 'duplicate'],
        ['/partyIds/3', 'unknown_organisation'],
        ['/partyIds/4', 'unknown_organisation'],
      ],
    )
    t.equal(
      foreign.statusCode,
      403,
      'nobody learns of organisations by way of a draft that they may not make',
    )
  },
)

t.test('an invalid draft is refused with all its faults', async (t) => {
  const house = await world(t)
  const body = { organisationId: 'x', title: 'a\nb', purpose: 'fun', partyIds: [], extra: 1 }

  const refused = await house.ask('POST', '/v1/pacts', { token: house.icog.token, body })

  t.equal(refused.statusCode, 422)
  t.same(refused.data.errors.map((fault: any) => fault.pointer).sort(), [
    '/extra',
    '/organisationId',
    '/partyIds',
    '/purpose',
    '/title',
  ])
})

t.test('the proposer changes the title of a draft with If-Match of the current version', async (t) => {
  const house = await world(t)
  const { icog } = house
  const id = await draftPact(house)
  const rename = (headers: Record<string, string>) =>
    house.ask('PATCH', `/v1/pacts/${id}`, {
      token: icog.token,
      headers,
      body: { title: 'Pact of the wheel' },
    })

  t.equal((await rename({})).statusCode, 428)
  const renamed = await rename({ 'if-match': '"1"' })
  t.equal(renamed.statusCode, 200, renamed.body)
  t.match(renamed.data, { title: 'Pact of the wheel', version: 2 })
  t.equal((await rename({ 'if-match': '"1"' })).statusCode, 412)
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.changed', details: { fields: ['title'] } })

  await propose(house, icog, id)
  const late = await rename({ 'if-match': '*' })
  t.equal(late.statusCode, 409)
  t.equal(late.data.code, 'pact_already_proposed')
  const byOther = { token: house.union.token, headers: { 'if-match': '*' }, body: { title: 'Ours' } }
  t.equal((await house.ask('PATCH', `/v1/pacts/${id}`, byOther)).statusCode, 403)
})

t.test(
  'the list of pacts is ordered newest first, filtered by status, purpose and party, and paged',
  async (t) => {
    const house = await world(t)
    const { icog, union, committee } = house
    const other = await makeKnown(house, house.coordinator, 'Works council of Soligorsk')
    const first = await pactIn(house, 'negotiating')
    const second = await pactIn(house, 'withdrawn', { purpose: 'exchange' })
    const third = await draftPact(house, { parties: [committee, other] })
    const list = async (query: string, token = icog.token) => {
      const answer = await house.ask('GET', `/v1/pacts${query}`, { token })
      return done(answer).data.data.map((pact: any) => pact.id)
    }

    t.same(await list(''), [third, second, first])
    t.same(await list('', union.token), [second, first])
    t.same(await list('', house.stranger.token), [])
    t.same(await list('?status=draft&status=withdrawn'), [third, second])
    t.same(await list('?purpose=exchange'), [second])
    t.same(await list(`?partyId=${committee.id}`), [third])
    t.same(await list(`?updatedAfter=${house.now().toISOString()}`), [])

    const page = await house.ask('GET', '/v1/pacts?limit=2', { token: icog.token })
    t.match(page.headers.link, /rel="next"/)
    t.same(await list(`?limit=2&cursor=${page.data.nextCursor}`), [first])
    const mixed = await house.ask('GET', `/v1/pacts?status=draft&cursor=${page.data.nextCursor}`, {
      token: icog.token,
    })
    t.equal(mixed.data.code, 'cursor_mismatch')
  },
)

t.test('a conditional request for an unchanged pact answers 304', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating')
  const { etag } = (await house.ask('GET', `/v1/pacts/${id}`, { token: house.union.token })).headers

  const headers = { 'if-none-match': String(etag) }
  const again = await house.ask('GET', `/v1/pacts/${id}`, { token: house.union.token, headers })

  t.equal(again.statusCode, 304)
  t.equal(again.body, '')
})

/** An organisation that only coordinators may read. */
async function rejected(house: World): Promise<Union> {
  const union = await registerUnion(house, { name: 'Yellow union' })
  done(
    await house.askFresh('POST', `${union.url}/transitions`, {
      token: house.coordinator.token,
      body: { move: 'reject' },
    }),
  )
  return union
}
