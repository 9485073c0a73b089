import t, { type Test } from 'tap'
import {
  absentId,
  ledgerOf,
  coordinatedHouse,
  move,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
  type Union,
} from '../fixtures/unions.ts'

async function world(t: Test) {
  const here = await coordinatedHouse(t)
  const { house, first } = here
  const shop = await verifiedUnion(house, first, { name: 'Paint shop committee', nameVariants: ['Малярка'] })
  const works = await verifiedUnion(house, first, { name: 'Works committee' })
  const merge = (from: Union, into: { id: string }, token: string | undefined) =>
    house.ask('POST', `${from.url}/mergers`, {
      token,
      body: { intoId: into.id, reason: 'The two voted to unite.' },
      headers: { 'if-match': '*' },
    })
  return { ...here, shop, works, merge }
}

t.test(
  'two secretaries and a coordinator merge an organisation into another, which receives its names and worksites',
  async (t) => {
    const { house, ask, first, shop, works, merge } = await world(t)
    const worksite = await ask('POST', `${shop.url}/worksites`, {
      token: shop.token,
      body: { employer: 'MTZ', place: 'Minsk', country: 'BY', industry: '2821' },
    })

    const asked = await merge(shop, works, shop.token)
    await merge(shop, works, works.token)
    const merged = await merge(shop, works, first.token)

    t.match(asked.data, {
      status: 'verified',
      awaiting: { move: 'merge', intoId: works.id, receiverAgreed: false },
    })
    t.match(merged.data, { status: 'merged', mergedInto: { id: works.id, name: works.name, url: works.url } })
    t.match(
      (await ask('GET', shop.url)).data.mergedInto,
      { id: works.id },
      'who has the old address finds the new one',
    )
    t.same((await ask('GET', works.url)).data.nameVariants, ['Paint shop committee', 'Малярка'])
    t.match((await ask('GET', `${works.url}/worksites`)).data.data, [{ id: worksite.data.id, version: 2 }])
    t.match((await ledgerOf(house, shop.id)).at(-1), {
      move: 'merge',
      to_status: 'merged',
      mandate_id: first.mandateId,
    })
    t.match((await ledgerOf(house, works.id)).at(-1), {
      type: 'organisation.succeeded',
      details: { mergedId: shop.id },
    })
    const search = await ask('GET', '/v1/organisations?q=Paint shop&status=verified')
    t.match(search.data.data, [{ id: works.id }], 'it is found by the name of the merged one')
  },
)

t.test('delegates of the successor act for a merged organisation, even after a second merger', async (t) => {
  const { house, ask, first, shop, works, merge } = await world(t)
  const federation = await verifiedUnion(house, first, { kind: 'federation', name: 'Federation' })
  for (const token of [shop.token, works.token, first.token]) await merge(shop, works, token)
  for (const token of [works.token, federation.token, first.token]) await merge(works, federation, token)

  const { mandates } = (await ask('GET', '/v1/me', { token: federation.token })).data

  t.same(
    mandates.map((mandate: { organisation: { id: string } }) => mandate.organisation.id).sort(),
    [shop.id, works.id, federation.id].sort(),
  )
  t.match((await ask('GET', shop.url)).data.mergedInto, { id: federation.id })
  t.same((await ask('GET', '/v1/me', { token: shop.token })).data.mandates, [], 'its own mandates are over')
})

t.test('only administrators of the receiving organisation see that they can approve a merger', async (t) => {
  const { house, ask, first, shop, works, merge } = await world(t)
  const bakers = await verifiedUnion(house, first, { name: 'Union of bakers' })
  await merge(shop, works, shop.token)
  const movesFor = async ({ token }: { token: string }) =>
    (await ask('GET', shop.url, { token })).data['allowedMoves'] as string[]

  t.ok((await movesFor(works)).includes('merge'))
  t.notOk((await movesFor(bakers)).includes('merge'))
})

t.test('a merger cannot be completed by approvals of different mergers', async (t) => {
  const { house, first, second, shop, works, merge } = await world(t)
  const other = await verifiedUnion(house, first, { name: 'Other' })
  await merge(shop, works, shop.token)

  const different = await merge(shop, other, first.token)
  const again = await merge(shop, works, shop.token)
  await merge(shop, works, works.token)
  const done = await merge(shop, works, second.token)

  t.match([different.statusCode, different.data.code], [409, 'other_move_pending'])
  t.match([again.statusCode, again.data.code], [409, 'second_person_needed'])
  t.equal(done.data.status, 'merged')
})

t.test('an organisation cannot be merged into itself or a missing or unverified one', async (t) => {
  const { house, shop, first, merge } = await world(t)
  const provisional = await registerUnion(house, { name: 'Young' })
  const dissolved = await verifiedUnion(house, first, { name: 'Was' })
  await move(house, dissolved.url, dissolved.token, 'dissolve')
  await move(house, dissolved.url, first.token, 'dissolve')

  for (const into of [provisional, dissolved]) {
    const answer = await merge(shop, into, shop.token)
    t.match([answer.statusCode, answer.data.code], [409, 'cannot_merge_into'])
  }
  const rejected = await registerUnion(house, { name: 'Trap' })
  await move(house, rejected.url, first.token, 'reject')
  const [hidden, missing] = [
    await merge(shop, rejected, shop.token),
    await merge(shop, { id: absentId }, shop.token),
  ]
  t.match(missing.data, { status: 422, errors: [{ pointer: '/intoId', code: 'unknown_organisation' }] })
  t.same(plainly(hidden), plainly(missing), 'a hidden one gives the same answer as a missing one')
  t.match((await merge(shop, shop, shop.token)).data.errors, [
    { pointer: '/intoId', code: 'same_organisation' },
  ])
})

t.test('two concurrent mergers in opposite directions cannot both succeed', async (t) => {
  const { ask, first, shop, works, merge } = await world(t)

  await Promise.all([merge(shop, works, shop.token), merge(works, shop, works.token)])
  await Promise.all([merge(shop, works, works.token), merge(works, shop, shop.token)])
  await Promise.all([merge(shop, works, first.token), merge(works, shop, first.token)])

  const states = [(await ask('GET', shop.url)).data.status, (await ask('GET', works.url)).data.status]
  t.same(states.sort(), ['merged', 'verified'])
})

t.test(
  'no merger completes without the receiving organisation, whose secretary can see the request',
  async (t) => {
    const { house, ask, first, shop, works, merge } = await world(t)
    await merge(shop, works, shop.token)

    const unasked = await merge(shop, works, first.token)
    const seen = await ask('GET', shop.url, { token: works.token })
    const untouched = await ask('GET', works.url)
    const agreed = await merge(shop, works, works.token)
    const again = await merge(shop, works, works.token)
    const merged = await merge(shop, works, first.token)

    t.match([unasked.statusCode, unasked.data.code], [409, 'receiver_must_agree'])
    t.match(seen.data, { awaiting: { move: 'merge', intoId: works.id }, allowedMoves: ['merge'] })
    t.same(untouched.data.nameVariants, [])
    t.match(agreed.data, { status: 'verified', awaiting: { receiverAgreed: true }, allowedMoves: [] })
    t.match([again.statusCode, again.data.code], [409, 'second_person_needed'])
    t.equal(merged.data.status, 'merged')
    t.match((await ledgerOf(house, shop.id)).at(-2), {
      type: 'organisation.merger_received',
      actor_id: works.delegateId,
      mandate_id: works.mandateId,
      details: { intoId: works.id },
    })
  },
)

t.test('a merger needs three different persons, even when one of them has two roles', async (t) => {
  const { house, icog, shop, works, first, merge } = await world(t)
  const office = { delegateId: icog.delegateId, office: 'coordinator' }
  await house.ask('POST', `${icog.url}/mandates`, { token: icog.token, body: office })
  const other = await seat(house, icog, { office: 'secretary' })
  const codes = async (from: Union, tokens: readonly string[]) => {
    const told: string[] = []
    for (const token of tokens) {
      const { data } = await merge(from, icog, token)
      told.push(data.code ?? data.status)
    }
    return told
  }

  const asCoordinatorFirst = await codes(shop, [icog.token, icog.token, shop.token, other.token, shop.token])
  const asReceiverFirst = await codes(works, [works.token, icog.token, icog.token, first.token])

  t.same(asCoordinatorFirst, [
    'verified',
    'second_person_needed',
    'receiver_must_agree',
    'verified',
    'merged',
  ])
  t.same(asReceiverFirst, ['verified', 'verified', 'second_person_needed', 'merged'])
})

t.test('the approval of a receiving secretary does not count after the end of their mandate', async (t) => {
  const { house, first, shop, works, merge } = await world(t)
  const other = await seat(house, works, { office: 'secretary' })
  await merge(shop, works, shop.token)
  await merge(shop, works, other.token)
  await move(house, `/v1/mandates/${other.mandateId}`, works.token, 'recall')

  const alone = await merge(shop, works, first.token)

  t.match([alone.statusCode, alone.data.code], [409, 'receiver_must_agree'])
})

t.test('of two coordinators who complete a merger concurrently, only one succeeds', async (t) => {
  const { house, first, second, shop, works, merge } = await world(t)
  await merge(shop, works, shop.token)
  await merge(shop, works, works.token)

  const answers = await Promise.all([merge(shop, works, first.token), merge(shop, works, second.token)])

  t.same(answers.map((answer) => answer.statusCode).sort(), [200, 409])
  t.equal((await ledgerOf(house, shop.id)).filter((entry) => entry.move === 'merge').length, 1)
  t.equal((await ledgerOf(house, works.id)).filter(({ type }) => type === 'organisation.succeeded').length, 1)
})

t.test('a pending merger is hidden from others, and completes even after another one', async (t) => {
  const { house, ask, first, shop, works, merge } = await world(t)
  const federation = await verifiedUnion(house, first, { kind: 'federation', name: 'Federation' })
  await merge(works, federation, works.token)

  const curious = [works, { id: absentId }, federation].map((into) => merge(shop, into, federation.token))
  for (const answer of await Promise.all(curious)) t.match(answer.data, { status: 403, code: 'forbidden' })
  t.match(
    (await merge(shop, works, shop.token)).data,
    { status: 'verified' },
    'the pending merger is not disclosed',
  )
  await merge(shop, works, works.token)
  t.match((await merge(shop, works, first.token)).data, { status: 'merged' })
  await merge(works, federation, federation.token)
  // Its version has changed since the approval, but not the decision.
  t.match((await merge(works, federation, first.token)).data, { status: 'merged' })

  t.match((await ask('GET', shop.url)).data.mergedInto, { id: federation.id })
})

t.test('only secretaries of the two organisations and coordinators can take part in a merger', async (t) => {
  const { house, icog, first, shop, works, merge } = await world(t)
  const delegate = await seat(house, shop, { office: 'delegate' })

  t.equal((await merge(shop, works, undefined)).statusCode, 401)
  for (const token of [delegate.token, works.token, icog.token, house.operatorToken]) {
    t.equal((await merge(shop, works, token)).statusCode, 403)
  }
  const hidden = await registerUnion(house, { name: 'Hidden' })
  const stranger = await registerUnion(house, { name: 'Stranger' })
  t.match((await merge(hidden, works, stranger.token)).data, { status: 404, code: 'organisation_not_found' })
  t.match((await merge(hidden, works, first.token)).data, { status: 409, code: 'move_not_allowed' })
})
