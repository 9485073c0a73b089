import t from 'tap'
import {
  done,
  instantAfter,
  move,
  offerLink,
  pactIn,
  propose,
  respond,
  sign,
  textOf,
  world,
  type World,
} from '../fixtures/world.ts'

/** Three parties negotiate; the stranger accepts and the union declines. */
async function leftByUnion(house: World) {
  const { union, stranger } = house
  const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })
  done(await respond(house, stranger, id, 'accept'))
  done(await respond(house, union, id, 'decline'))
  return id
}

/** All reads of the pact by the union, each answer with its ETag. */
async function seenByUnion({ ask, union }: World, id: string, proposalId: string) {
  const paths = [
    `/v1/pacts/${id}`,
    `/v1/pacts/${id}/transitions`,
    `/v1/pacts/${id}/proposals`,
    `/v1/pacts/${id}/responses`,
    `/v1/pacts/${id}/signatures`,
    `/v1/pacts/${id}/verification`,
    `/v1/proposals/${proposalId}`,
    '/v1/pacts',
    '/v1/pacts?status=declined',
    '/v1/pacts?status=negotiating&status=signing&status=active&status=withdrawn',
    '/v1/pacts?updatedAfter=2026-03-02T12:00:00Z',
  ]
  const seen: Record<string, unknown> = {}
  for (const path of paths) {
    const answer = await ask('GET', path, { token: union.token })
    const { requestId: _requestId, ...data } = answer.data
    seen[path] = { status: answer.statusCode, etag: answer.headers.etag, data }
  }
  return seen
}

t.test(
  'a party that declined keeps seeing the pact as it was at that moment, whatever the others do',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const id = await leftByUnion(house)
    const { proposalId } = await textOf(house, icog, id)
    const seen = await seenByUnion(house, id, proposalId)
    const unchanged = async (what: string) => t.same(await seenByUnion(house, id, proposalId), seen, what)

    house.travelTo(instantAfter(house, 1))
    const words = {
      proposalId,
      contentDigest: (await textOf(house, icog, id)).contentDigest,
      decision: 'comment',
    }
    done(await house.ask('POST', `/v1/pacts/${id}/responses`, { token: icog.token, body: words }))
    await unchanged('a comment on the declined proposal')
    await propose(house, icog, id)
    await unchanged('a new proposal')
    done(await respond(house, stranger, id, 'accept'))
    await unchanged('the others agree')
    done(await move(house, icog, id, 'reopen'))
    await unchanged('they negotiate again')
    await propose(house, stranger, id)
    done(await respond(house, icog, id, 'accept'))
    done(await sign(house, icog, id))
    done(await sign(house, stranger, id))
    await unchanged('the pact is in force')
    const visit = { organisationId: union.id, hostId: union.id, visitorId: icog.id, pactId: id }
    const window = { startsAt: '2026-04-01T09:00', endsAt: '2026-04-03T18:00' }
    const proposed = await house.ask('POST', '/v1/visits', {
      token: union.token,
      body: { ...visit, purpose: 'Exchange', mode: 'online', timeZone: 'Europe/Berlin', windows: [window] },
    })
    t.same(
      proposed.data['errors'].map((fault: any) => [fault.pointer, fault.code]),
      [
        ['/hostId', 'not_a_party'],
        ['/visitorId', 'not_a_party'],
      ],
      'nor is it told who is in',
    )

    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.match(pact.data, { status: 'active', proposal: { number: 3 } }, 'all of which did happen')
  },
)

t.test(
  'a party that declined still sees the declined proposal and the parties that had accepted it',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const id = await leftByUnion(house)
    const { proposalId } = await textOf(house, icog, id)
    await propose(house, icog, id)

    const { data } = await house.ask('GET', `/v1/pacts/${id}`, { token: union.token })

    t.match(data, {
      status: 'declined',
      allowedMoves: [],
      proposal: { id: proposalId, number: 1, status: 'declined', authorId: icog.id },
    })
    const standings = data.parties.map((party: any) => [
      party.organisation.id,
      party.standing,
      party.acceptedCurrent,
    ])
    t.same(
      new Set(standings.map(String)),
      new Set(
        [
          [icog.id, 'party', true],
          [stranger.id, 'party', true],
          [union.id, 'declined', false],
        ].map(String),
      ),
    )
    const heard = await house.ask('GET', `/v1/pacts/${id}/responses`, { token: union.token })
    t.same(heard.data.data.map((response: any) => response.decision).sort(), ['accept', 'decline'])
    const verification = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: union.token })
    t.match(verification.data, { complete: false, signatures: [], proposal: { id: proposalId } })
  },
)

t.test(
  'of two parties that declined, the first does not learn of the second, and the second knows of the first',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger, committee } = house
    const id = await pactIn(house, 'negotiating', { parties: [union, stranger, committee] })
    done(await respond(house, union, id, 'decline'))
    await propose(house, icog, id)
    const link = await offerLink(house, id)
    done(await respond(house, stranger, id, 'decline'))
    const standingsFor = async (token: string) => {
      const { parties } = done(await house.ask('GET', `/v1/pacts/${id}`, { token })).data
      return [union, stranger, committee].map(
        ({ id }) => parties.find((party: any) => party.organisation.id === id).standing,
      )
    }

    t.same(await standingsFor(union.token), ['declined', 'invited', 'invited'])
    t.same(await standingsFor(stranger.token), ['declined', 'declined', 'invited'])
    t.same(await standingsFor(link.token), ['declined', 'declined', 'invited'], 'and who stayed knows both')
  },
)

t.test(
  'a caller whose one organisation declined and whose other is still a party sees what the remaining party sees',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const id = await leftByUnion(house)
    await house.database.transaction(async (tx) => {
      await tx.$client.query(
        `insert into mandates (id, version, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       select gen_random_uuid(), 1, now(), now(), 'active', $1, $2, 'delegate', '{negotiate}', '2026-01-01'`,
        [union.delegateId, stranger.id],
      )
    })
    await propose(house, icog, id)

    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: union.token })
    const list = await house.ask('GET', '/v1/pacts?status=negotiating', { token: union.token })

    t.match(pact.data, { status: 'negotiating', proposal: { number: 2 } })
    t.same(list.data.data, [pact.data], 'and finds it once')
  },
)
