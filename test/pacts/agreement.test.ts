import t from 'tap'
import { openSigner, makeSigningKey } from '../../src/platform/ledger/receipts.ts'
import { move as moveThing } from '../fixtures/unions.ts'
import {
  done,
  draftPact,
  move,
  pactIn,
  propose,
  respond,
  sign,
  world,
  type World,
} from '../fixtures/world.ts'

const statusOf = async ({ ask, icog }: World, id: string): Promise<string> =>
  (await ask('GET', `/v1/pacts/${id}`, { token: icog.token })).data['status'] as string

/** A coordinator and the operator suspend it. */
async function suspend(house: World, url: string): Promise<void> {
  for (const token of [house.coordinator.token, house.operatorToken])
    await moveThing(house, url, token, 'suspend')
}

const setStatus = ({ database }: World, id: string, change: string) =>
  database.transaction((tx) => tx.$client.query(`update organisations set ${change} where id = '${id}'`))

t.test(
  'a proposal cannot be accepted while a party is suspended, and can be when it is reinstated',
  async (t) => {
    const house = await world(t)
    const { union, stranger } = house
    const id = await pactIn(house, 'negotiating', { parties: [union, stranger] })
    done(await respond(house, stranger, id, 'accept'))
    await suspend(house, stranger.url)

    const refused = await respond(house, union, id, 'accept')

    t.equal(refused.statusCode, 409, refused.body)
    t.equal(refused.data.code, 'party_unfit')
    t.ok(refused.data.detail.includes(stranger.name), 'it is told which, and what to do')
    t.match(refused.data.detail, /Wait, ask a coordinator, or ask the proposer to withdraw/)
    t.notMatch(refused.data.detail, /suspended/, 'and not what is for the coordinators alone')
    t.equal(await statusOf(house, id), 'negotiating', 'nothing has changed')
    await setStatus(house, stranger.id, `status = 'verified'`)
    t.equal((await respond(house, union, id, 'accept')).statusCode, 201)
  },
)

t.test('a pact with a dissolved or merged party cannot be signed', async (t) => {
  const house = await world(t)
  const { icog, union, stranger } = house
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))
  const fates: [string, RegExp][] = [
    [`status = 'suspended'`, /Wait, ask a coordinator/],
    [`status = 'dissolved'`, /draft one without it/],
    [
      `status = 'merged', merged_into_id = '${stranger.id}'`,
      new RegExp(`successor, /v1/organisations/${stranger.id}`),
    ],
  ]

  for (const [change, advice] of fates) {
    await setStatus(house, icog.id, change)
    const refused = await sign(house, union, id)
    t.equal(refused.statusCode, 409, change)
    t.equal(refused.data.code, 'party_unfit')
    t.match(refused.data.detail, advice)
    await setStatus(house, icog.id, `status = 'verified', merged_into_id = null`)
  }

  t.equal(await statusOf(house, id), 'signing')
  done(await sign(house, union, id))
  t.equal(await statusOf(house, id), 'active')
})

t.test(
  'a refusal names an overlapping pact of the caller, but reveals none between other parties',
  async (t) => {
    const house = await world(t)
    const { icog, union, stranger } = house
    const text = { term: { startsOn: '2026-03-03', endsOn: null } }
    const three = await pactIn(house, 'negotiating', { parties: [union, stranger], terms: text })
    // The stranger has accepted before it agrees on another pact with ICOG, of which the union does not know.
    done(await respond(house, stranger, three, 'accept'))
    const theirs = await draftPact(house, { parties: [stranger] })
    await propose(house, icog, theirs, text)
    done(await respond(house, stranger, theirs, 'accept'))

    const last = await respond(house, union, three, 'accept')

    t.equal(last.statusCode, 409, last.body)
    t.equal(last.data.code, 'parties_not_free')
    for (const secret of [theirs, stranger.id, stranger.name, icog.id, icog.name])
      t.notOk(last.body.replaceAll(three, '').includes(secret), secret)
    const four = await pactIn(house, 'negotiating', { parties: [union, stranger], terms: text })
    const own = await respond(house, stranger, four, 'accept')
    t.equal(own.statusCode, 409, 'who is in it is told at once, although others are to answer yet')
    t.equal(own.data.code, 'pact_overlaps')
    t.ok(own.data.detail.includes(`/v1/pacts/${theirs}`))
  },
)

t.test(
  'a caller with mandates in several parties must name the party that reopens the negotiation',
  async (t) => {
    const house = await world(t)
    const { icog, union } = house
    const id = await pactIn(house, 'signing')
    await house.database.transaction((tx) =>
      tx.$client.query(
        `insert into mandates (id, version, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
       select gen_random_uuid(), 1, now(), now(), 'active', $1, $2, 'delegate', '{negotiate}', '2026-01-01'`,
        [icog.delegateId, union.id],
      ),
    )
    const reopen = (organisationId?: string) =>
      house.askFresh('POST', `/v1/pacts/${id}/transitions`, {
        token: icog.token,
        body: { move: 'reopen', ...(organisationId && { organisationId }) },
      })

    const unclear = await reopen()
    t.equal(unclear.statusCode, 422, unclear.body)
    t.match(unclear.data.errors, [{ pointer: '/organisationId', code: 'several_parties' }])
    t.equal((await reopen(house.stranger.id)).statusCode, 403)
    t.equal((await reopen(union.id)).statusCode, 200)

    const { rows } = await house.database.read.$client.query(
      `select organisation_id from ledger where subject_id = '${id}' and move = 'reopen'`,
    )
    t.same(rows, [{ organisation_id: union.id }])
  },
)

t.test('a refused signature returns no receipt', async (t) => {
  const signer = openSigner(makeSigningKey())
  const signed: unknown[] = []
  const counting = {
    ...signer,
    sign: ((payload) => (signed.push(payload), signer.sign(payload))) as typeof signer.sign,
  }
  const house = await world(t, { signer: counting })
  const { icog, union } = house
  const negotiating = await pactIn(house, 'negotiating', { purpose: 'exchange' })
  const id = await pactIn(house, 'signing')
  done(await sign(house, icog, id))
  t.equal(signed.length, 1)

  const refused = [await sign(house, icog, id), await sign(house, icog, negotiating)]
  await setStatus(house, icog.id, `status = 'dissolved'`)
  refused.push(await sign(house, union, id))
  await setStatus(house, icog.id, `status = 'verified'`)
  done(await move(house, icog, id, 'withdraw'))
  refused.push(await sign(house, union, id))

  t.same(
    refused.map((answer) => answer.data.code),
    ['already_signed', 'move_not_allowed', 'party_unfit', 'move_not_allowed'],
  )
  t.equal(signed.length, 1)
})
