import t from 'tap'
import { verifyReceipt } from '../../src/platform/ledger/receipts.ts'
import { asOwner } from '../databases.ts'
import { elevated } from '../fixtures/second-factor.ts'
import { ledgerOf, seat } from '../fixtures/unions.ts'
import { done, instantAfter, move, pactIn, propose, respond, sign, textOf, world } from '../fixtures/world.ts'

t.test('a signature returns a receipt that anyone can verify', async (t) => {
  const house = await world(t)
  const { icog } = house
  const id = await pactIn(house, 'signing')
  const text = await textOf(house, icog, id)

  const signed = await sign(house, icog, id)

  t.equal(signed.statusCode, 201, signed.body)
  t.match(signed.data, { ...text, pactId: id, party: { id: icog.id }, void: false })
  const { receipt } = signed.data
  t.same(receipt.payload, {
    purpose: 'pact-signature',
    pactId: id,
    ...text,
    organisationId: icog.id,
    mandateId: icog.mandateId,
    signedAt: signed.data.signedAt,
  })
  const keys = await house.ask('GET', '/.well-known/jwks.json')
  t.same(verifyReceipt(receipt, { keys: keys.data['keys'] }), { ok: true })
  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  t.equal(pact.data.status, 'signing', 'one signature is not enough')
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.signed', mandate_id: icog.mandateId })
})

t.test('the last signature puts the pact into force', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))

  done(await sign(house, union, id))

  const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
  const now = house.now().toISOString()
  t.match(pact.data, { status: 'active', activatedAt: now, startsOn: '2026-03-03', endsOn: '2027-03-02' })
  t.equal(pact.data.noticeDays, 30)
  t.ok(pact.data.parties.every((party: any) => party.signed))
  t.match((await ledgerOf(house, id)).slice(-2), [
    { type: 'pact.signed', mandate_id: union.mandateId },
    { type: 'pact.activated', move: 'activate', from_status: 'signing', to_status: 'active' },
  ])
})

t.test(
  'two concurrent last signatures of a pact both count, and two of the same party count once',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    for (const purpose of ['exchange', 'strike_support', 'mutual_support']) {
      const id = await pactIn(house, 'signing', { purpose })

      const answers = await Promise.all([
        sign(house, icog, id),
        sign(house, icog, id),
        sign(house, union, id),
      ])

      t.same(answers.map((answer) => answer.statusCode).sort(), [201, 201, 409])
      t.match(answers.find((answer) => answer.statusCode === 409)?.data.code, /already_signed/)
      const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
      t.equal(pact.data.status, 'active')
      t.equal(pact.data.version, (await ledgerOf(house, id)).length, 'as many entries as versions')
    }
  },
)

t.test('of a concurrent last signature and withdrawal of a pact, one succeeds', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  for (const purpose of ['exchange', 'strike_support', 'mutual_support']) {
    const id = await pactIn(house, 'signing', { purpose })
    done(await sign(house, icog, id))
    const { etag } = (await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })).headers
    const withdraw = { token: icog.token, headers: { 'if-match': String(etag) }, body: { move: 'withdraw' } }

    const [signed, withdrawn] = await Promise.all([
      sign(house, union, id),
      house.ask('POST', `/v1/pacts/${id}/transitions`, withdraw),
    ])

    const won = signed.statusCode === 201
    t.equal(withdrawn.statusCode, won ? 412 : 200)
    t.equal(signed.statusCode, won ? 201 : 409)
    const pact = await house.ask('GET', `/v1/pacts/${id}`, { token: icog.token })
    t.equal(pact.data.status, won ? 'active' : 'withdrawn')
  }
})

t.test('only a delegate with the power to sign and a current mandate can sign', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  const negotiator = await seat(house, icog, { office: 'delegate', powers: ['negotiate'] })
  const signer = await seat(house, icog, { office: 'delegate', powers: ['sign'] })
  const body = {
    label: 'archive',
    scopes: ['pacts:read', 'pacts:write'],
    organisationId: icog.id,
    powers: ['negotiate'],
  }
  const client = done(await house.ask('POST', '/v1/tokens', { token: icog.token, body })).data.secret
  const text = await textOf(house, icog, id)
  const signBy = (token: string) => house.ask('POST', `/v1/pacts/${id}/signatures`, { token, body: text })

  t.equal((await signBy(negotiator.token)).statusCode, 403)
  t.equal((await signBy(client)).statusCode, 403)
  t.equal((await signBy(house.stranger.token)).statusCode, 404)
  const recall = { token: icog.token, body: { move: 'recall' } }
  const [recalled, signed] = await Promise.all([
    house.askFresh('POST', `/v1/mandates/${signer.mandateId}/transitions`, recall),
    signBy(signer.token),
  ])
  t.equal(recalled.statusCode, 200, recalled.body)
  t.match(String(signed.statusCode), /^(201|403|404)$/, 'either before the recall, or not at all')
  t.match(String((await signBy(signer.token)).statusCode), /^40[34]$/)
  t.equal((await sign(house, union, id)).statusCode, 201)
})

t.test('a party can sign only the proposal that all have accepted', async (t) => {
  const house = await world(t)
  const { icog } = house
  const open = await pactIn(house, 'negotiating')
  const early = await sign(house, icog, open)
  t.equal(early.statusCode, 409)
  t.match(early.data, { code: 'move_not_allowed', currentStatus: 'negotiating' })

  const id = await pactIn(house, 'signing', { purpose: 'exchange' })
  const text = await textOf(house, icog, id)
  const other = await textOf(house, icog, open)
  const put = (body: object) => house.ask('POST', `/v1/pacts/${id}/signatures`, { token: icog.token, body })
  const refused = await put({ ...text, contentDigest: '0'.repeat(64) })
  t.equal(refused.statusCode, 409)
  t.equal(refused.data.code, 'proposal_superseded')
  t.ok(refused.data.detail.includes(text.contentDigest))
  const foreign = await put(other)
  t.equal(foreign.statusCode, 422)
  t.match(foreign.data.errors, [{ pointer: '/proposalId', code: 'unknown_proposal' }])
})

t.test('after its deadline a pact cannot be signed, even before the job lapses it', async (t) => {
  const house = await world(t)
  const id = await pactIn(house, 'negotiating', { terms: { answerBy: '2026-03-03T10:00:00Z' } })
  done(await respond(house, house.union, id, 'accept'))
  // The tokens of this world expire at the deadline; a token that was issued with a code lives longer.
  house.travelTo(instantAfter(house, 29))
  await elevated(house, house.icog)
  const body = { label: 'new phone', scopes: ['pacts:read', 'pacts:write'] }
  const token = done(await house.ask('POST', '/v1/tokens', { token: house.icog.token, body })).data.secret
  house.travelTo(instantAfter(house, 2))

  const late = await sign(house, { token }, id)

  t.equal(late.statusCode, 409)
  t.equal(late.data.code, 'signed_too_late')
})

t.test('signing before all have accepted is refused with the moves that are allowed', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'negotiating')

  const guest = await sign(house, union, id)
  const proposer = await sign(house, icog, id)

  t.match(guest.data, {
    code: 'move_not_allowed',
    detail:
      'A signature is not possible while the status is "negotiating". You may make no move now. Read it again later.',
    allowedMoves: [],
  })
  t.match(proposer.data.detail, /You may make these moves now: decline, withdraw\.$/)
})

t.test('reopening the negotiation voids the signatures and requires a new proposal', async (t) => {
  const house = await world(t)
  const { icog, union } = house
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))

  const reopened = done(await move(house, union, id, 'reopen'))

  t.match(reopened.data, { status: 'negotiating', proposal: null, signBy: null })
  t.notOk(reopened.data.parties.some((party: any) => party.signed || party.acceptedCurrent))
  t.match((await ledgerOf(house, id)).at(-1), { type: 'pact.reopened', mandate_id: union.mandateId })
  const list = await house.ask('GET', `/v1/pacts/${id}/signatures`, { token: icog.token })
  t.match(list.data, { data: [{ party: { id: icog.id }, void: true }], nextCursor: null })
  await propose(house, union, id)
  done(await respond(house, icog, id, 'accept'))
  done(await sign(house, icog, id))
  done(await sign(house, union, id))
  const after = await house.ask('GET', `/v1/pacts/${id}/signatures`, { token: icog.token })
  t.same(
    after.data.data.map((signature: any) => signature.void),
    [true, false, false],
  )
  const verified = await house.ask('GET', `/v1/pacts/${id}/verification`, { token: icog.token })
  t.match(verified.data, { complete: true, holds: true })
  t.equal(verified.data.signatures.length, 2)
})

t.test('the database refuses to change or delete a signature', async (t) => {
  const house = await world(t)
  await pactIn(house, 'active')
  const run = (statement: string) => asOwner(house.ownerUrl, statement)

  await t.rejects(run('update signatures set signed_at = now()'), /append-only/)
  await t.rejects(run('delete from signatures'), /append-only/)
  await t.rejects(run('truncate signatures'), /append-only/)
})
