import t from 'tap'
import { absentId, ledgerOf, plainly, seat } from '../fixtures/unions.ts'
import {
  done,
  draftPact,
  instantAfter,
  offerLink,
  pactIn,
  propose,
  respond,
  sign,
  world,
} from '../fixtures/world.ts'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { answer, claim, offered } from '../fixtures/offers.ts'

t.test(
  'the proposer creates an offer link for an addressee without an account, and its secret is shown once',
  async (t) => {
    const house = await world(t)
    const { icog, committee } = house
    const id = await pactIn(house, 'negotiating', { parties: [committee] })

    const body = { pactId: id, organisationId: committee.id, days: 7 }
    const made = await house.ask('POST', '/v1/offer-links', { token: icog.token, body })

    t.equal(made.statusCode, 201, made.body)
    t.match(made.data, {
      status: 'live',
      pact: { id },
      organisation: { id: committee.id },
      expiresAt: instantAfter(house, 7),
    })
    t.match(made.data.secret, /^spl_[A-Za-z0-9_-]{43}$/)
    t.equal(made.data.offerUrl, `http://pact.test/offer#${made.data.secret}`)
    const read = await house.ask('GET', made.data.url, { token: icog.token })
    t.notOk(read.body.includes(made.data.secret))
    const listed = await house.ask('GET', `/v1/offer-links?pactId=${id}&status=live`, { token: icog.token })
    t.same(listed.data.data, [read.data])
    const used = await house.ask('GET', '/v1/offer-links?status=used&status=expired', { token: icog.token })
    t.same(used.data.data, [])
    t.match(await ledgerOf(house, made.data.id), [{ type: 'offer_link.created', mandate_id: icog.mandateId }])
    const { rows } = await house.database.read.$client.query('select l::text as row from offer_links l')
    t.notOk(JSON.stringify(rows).includes(made.data.secret.slice(4)), 'only its hash is kept')
  },
)

t.test('an offer link opens its own offer and no other offer to the same organisation', async (t) => {
  const house = await world(t)
  const { link, id } = await offered(house)
  const other = await pactIn(house, 'negotiating', { parties: [house.committee] })

  for (const path of ['', '/proposals', '/responses', '/transitions', '/canonical']) {
    const hidden = await house.ask('GET', `/v1/pacts/${other}${path}`, { token: link.token })
    const absent = await house.ask('GET', `/v1/pacts/${absentId}${path}`, { token: link.token })
    t.equal(hidden.statusCode, 404, path)
    t.same(plainly(hidden), plainly(absent), path)
    t.not((await house.ask('GET', `/v1/pacts/${id}`, { token: link.token })).statusCode, 404)
  }
})

t.test('a comment with an offer link fails if the link is revoked at the same time', async (t) => {
  const house = await world(t)
  const { link, text } = await offered(house)

  const revoke = 'update offer_links set revoked_at = created_at where id = $1'
  const revoking = await holdRowLocks(t, house.ownerUrl, revoke, [link.id])
  const commenting = answer(house, link.token, { ...text, decision: 'comment' })
  await Promise.race([revoking.waiting(1), commenting])
  await revoking.release()

  t.match((await commenting).data, { status: 410 })
})

t.test('reading, commenting and asking for more time do not use up an offer link', async (t) => {
  const house = await world(t)
  const { link, text, id } = await offered(house)

  const me = await house.ask('GET', '/v1/me', { token: link.token })
  t.match(me.data, { kind: 'link', organisation: { id: house.committee.id }, pact: { id } })
  t.equal((await house.ask('GET', `/v1/pacts/${id}`, { token: link.token })).data.status, 'negotiating')
  const statement = 'Who else is asked?'
  const commented = await answer(house, link.token, {
    ...text,
    decision: 'comment',
    statement,
    language: 'en',
  })
  const waited = await answer(house, link.token, { ...text, decision: 'needs_more_time' })

  t.equal(commented.statusCode, 201, commented.body)
  t.match(commented.data, {
    linkSpent: false,
    proposal: null,
    response: { statement, organisation: { id: house.committee.id } },
    pact: { id, status: 'negotiating' },
  })
  t.match(waited.data, { linkSpent: false, response: { decision: 'needs_more_time' } })
  t.match(await ledgerOf(house, commented.data.response.id), [
    { type: 'response.given', actor_kind: 'link', actor_id: link.id, mandate_id: null },
  ])
  t.equal(
    (await house.ask('GET', `/v1/offer-links/${link.id}`, { token: house.icog.token })).data.status,
    'live',
  )
})

t.test('a used, an expired and a revoked offer link are answered 410 by every operation', async (t) => {
  const house = await world(t)
  const { icog, committee } = house
  const { id, link: spent, text } = await offered(house)
  const revoked = await offerLink(house, id)
  const expired = await offerLink(house, id, 1)
  const expire = await house.ask('DELETE', `/v1/offer-links/${revoked.id}`, { token: icog.token })
  t.equal(expire.statusCode, 204)
  t.equal((await house.ask('DELETE', `/v1/offer-links/${revoked.id}`, { token: icog.token })).statusCode, 204)
  t.match(await ledgerOf(house, revoked.id), [{ type: 'offer_link.created' }, { type: 'offer_link.revoked' }])
  t.equal((await ledgerOf(house, revoked.id)).length, 2, 'asked twice, revoked once')
  done(await answer(house, spent.token, { ...text, decision: 'accept' }))
  const tooLate = await house.ask('DELETE', `/v1/offer-links/${spent.id}`, { token: icog.token })
  t.equal(tooLate.statusCode, 409, 'what was answered by it is not undone, and nobody shall think so')
  t.equal(tooLate.data.code, 'offer_link_used')
  t.equal((await ledgerOf(house, spent.id)).at(-1)?.type, 'offer_link.used')
  house.travelTo(instantAfter(house, 1))

  for (const { token } of [spent, revoked, expired]) {
    const uses = [
      await house.ask('GET', `/v1/pacts/${id}`, { token }),
      await house.ask('GET', `/v1/pacts/${id}/proposals`, { token }),
      await house.ask('GET', '/v1/organisations', { token }),
      await answer(house, token, { ...text, decision: 'comment' }),
      await claim(house, token),
    ]
    for (const use of uses) {
      t.equal(use.statusCode, 410, use.body)
      t.equal(use.data.code, 'link_gone')
    }
  }
  for (const status of ['used', 'revoked', 'expired']) {
    const list = await house.ask('GET', `/v1/offer-links?status=${status}`, { token: icog.token })
    t.same(
      list.data.data.map((link: any) => [link.status, link.organisation.id]),
      [[status, committee.id]],
    )
  }
})

t.test(
  'a link holder claims the account of the organisation, which then answers with its own token',
  async (t) => {
    const house = await world(t)
    const { icog, committee } = house
    const { id, link } = await offered(house)
    const second = await offerLink(house, id)

    const claimed = await claim(house, link.token, { 'idempotency-key': 'the-token-must-not-get-lost' })

    t.equal(claimed.statusCode, 201, claimed.body)
    t.match(claimed.data, {
      organisation: { id: committee.id, status: 'provisional' },
      secretary: { name: 'Vesna' },
      token: { secret: /^spt_/ },
    })
    t.equal(claimed.headers.location, `/v1/organisations/${committee.id}`)
    t.match((await ledgerOf(house, committee.id)).at(-1), {
      type: 'organisation.moved',
      move: 'claim',
      from_status: 'unclaimed',
      to_status: 'provisional',
      actor_kind: 'link',
    })
    const again = await claim(house, link.token, { 'idempotency-key': 'the-token-must-not-get-lost' })
    t.same(again.data, claimed.data, 'its secretary can ask again for the token that got lost')
    t.equal((await claim(house, second.token)).statusCode, 410, 'the other links are revoked')

    const secretary = { token: claimed.data.token.secret }
    done(await respond(house, secretary, id, 'accept'))
    done(await sign(house, icog, id))
    done(await sign(house, secretary, id))
    t.equal((await house.ask('GET', `/v1/pacts/${id}`, secretary)).data.status, 'active')
    const body = { pactId: id, organisationId: committee.id }
    const refused = await house.ask('POST', '/v1/offer-links', { token: icog.token, body })
    t.equal(refused.data.code, 'has_account')
  },
)

t.test('of two concurrent claims of an organisation, with one link or with two, one succeeds', async (t) => {
  const house = await world(t)
  const { id, link } = await offered(house)
  const second = await offerLink(house, id)

  const claims = await Promise.all([
    claim(house, link.token),
    claim(house, link.token),
    claim(house, second.token),
  ])

  t.same(claims.map((one) => one.statusCode).sort(), [201, 410, 410])
  const winner = claims.find((one) => one.statusCode === 201)
  const url = `/v1/organisations/${house.committee.id}/mandates`
  const mandates = await house.ask('GET', url, { token: winner?.data.token.secret })
  t.equal(mandates.data.data.length, 1)
})

t.test(
  'only the proposer creates offer links, only for a party without an account, and only while there is an offer',
  async (t) => {
    const house = await world(t)
    const { icog, union, committee } = house
    const draft = await draftPact(house, { parties: [committee] })
    const id = await pactIn(house, 'negotiating', { parties: [union, committee] })
    const visitor = await seat(house, icog, { office: 'delegate', powers: ['visit'] })
    const create = (token: string, body: object) => house.ask('POST', '/v1/offer-links', { token, body })
    const toCommittee = { pactId: id, organisationId: committee.id }

    t.equal((await create(union.token, toCommittee)).statusCode, 403, 'not by another party')
    t.equal((await create(visitor.token, toCommittee)).statusCode, 403, 'not without the power')
    t.equal((await create(icog.token, { ...toCommittee, days: 91 })).statusCode, 422)
    t.equal((await create(icog.token, { ...toCommittee, organisationId: union.id })).data.code, 'has_account')
    for (const organisationId of [house.stranger.id, icog.id, absentId]) {
      const refused = await create(icog.token, { pactId: id, organisationId })
      t.match(refused.data.errors, [{ pointer: '/organisationId', code: 'not_a_party' }])
    }
    const early = await create(icog.token, { ...toCommittee, pactId: draft })
    t.match(early.data, { status: 409, code: 'nothing_offered', currentStatus: 'draft' })
    await propose(house, icog, draft)
    t.equal((await create(icog.token, { ...toCommittee, pactId: draft })).statusCode, 201)
  },
)

t.test('an organisation does not see the offer links of another', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { parties: [house.union, house.committee] })
  const link = await offerLink(house, id)

  for (const { token } of [house.union, house.stranger]) {
    for (const method of ['GET', 'DELETE'] as const) {
      const foreign = await house.ask(method, `/v1/offer-links/${link.id}`, { token })
      const absent = await house.ask(method, `/v1/offer-links/${absentId}`, { token })
      t.equal(foreign.statusCode, 404)
      t.same(plainly(foreign), plainly(absent))
    }
    t.same((await house.ask('GET', '/v1/offer-links', { token })).data.data, [])
  }
})
