import t, { type Test } from 'tap'
import { affiliationLifecycle } from '../../src/organisations/affiliations/lifecycle.ts'
import { organisationKinds } from '../../src/organisations/lifecycle.ts'
import { movesOf, statesOf } from '../../src/platform/lifecycle/lifecycle.ts'
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
  const union = await verifiedUnion(house, first)
  const join = (member: Union, parent: Union, period: object = {}) =>
    house.ask('POST', `${member.url}/affiliations`, {
      token: member.token,
      body: { parentId: parent.id, ...period },
    })
  return { ...here, union, join }
}

t.test('an affiliation that a union requested and a coordination confirmed is public', async (t) => {
  const { house, ask, askFresh, icog, union, join } = await world(t)

  const asked = await join(union, icog, { startsOn: '2026-03-01' })
  const before = await ask('GET', `${icog.url}/affiliations`)
  const confirmed = await askFresh('POST', `${asked.data.url}/transitions`, {
    token: icog.token,
    body: { move: 'confirm', reason: 'Agreed in the assembly.' },
  })

  t.equal(asked.statusCode, 201, asked.body)
  t.match(asked.data, { status: 'requested', allowedMoves: ['end'], startsOn: '2026-03-01', endsOn: null })
  t.match(asked.data, {
    member: { id: union.id, name: union.name },
    parent: { id: icog.id, name: icog.name },
  })
  t.same(before.data.data, [], 'others do not see a requested affiliation')
  t.match(confirmed.data, { status: 'confirmed', version: 2, allowedMoves: ['end'] })
  for (const side of [union, icog]) {
    const { data } = await ask('GET', `${side.url}/affiliations`)
    t.match(data.data, [{ id: asked.data.id, allowedMoves: [] }], 'both sides list it')
  }
  t.match(await ledgerOf(house, asked.data.id), [
    { type: 'affiliation.requested', mandate_id: union.mandateId, details: { parentId: icog.id } },
    { type: 'affiliation.moved', move: 'confirm', to_status: 'confirmed', mandate_id: icog.mandateId },
  ])
  const history = await ask('GET', `${asked.data.url}/transitions`, { token: union.token })
  t.match(history.data.data, [{ move: 'confirm', from: 'requested', to: 'confirmed', by: 'delegate' }])
})

t.test('only the two sides of an affiliation read the reasons in its history', async (t) => {
  const { house, ask, askFresh, icog, first, union, join } = await world(t)
  const other = await verifiedUnion(house, first, { name: 'Miners' })
  const { url } = (await join(union, icog)).data
  const body = { move: 'confirm', reason: 'Agreed in the assembly.' }
  t.equal((await askFresh('POST', `${url}/transitions`, { token: icog.token, body })).statusCode, 200)
  const told = async (token: string) => (await ask('GET', `${url}/transitions`, { token })).data.data

  for (const token of [union.token, icog.token, first.token])
    t.match(await told(token), [{ move: 'confirm', reason: 'Agreed in the assembly.' }])
  t.match(await told(other.token), [{ move: 'confirm', reason: null }])
})

t.test('a requested affiliation is visible to its two sides and missing for everybody else', async (t) => {
  const { ask, icog, first, union, join, house } = await world(t)
  const other = await verifiedUnion(house, first, { name: 'Miners' })
  const asked = await join(union, icog)

  const missing = await ask('GET', `/v1/affiliations/${absentId}`, { token: other.token })
  for (const token of [union.token, icog.token, first.token]) {
    t.equal((await ask('GET', asked.data.url, { token })).statusCode, 200)
  }
  for (const token of [undefined, other.token, house.operatorToken]) {
    const answer = await ask('GET', asked.data.url, { token })
    t.equal(answer.statusCode, 404)
    t.same(plainly(answer), plainly(missing))
  }
  const moved = await ask('POST', `${asked.data.url}/transitions`, {
    token: other.token,
    headers: { 'if-match': '*' },
    body: { move: 'confirm' },
  })
  t.same(plainly(moved), plainly(missing))
  t.equal((await ask('GET', `${asked.data.url}/transitions`, { token: other.token })).statusCode, 404)
})

t.test('a confirmed affiliation is hidden from callers who cannot read one of its sides', async (t) => {
  const { house, ask, icog, first, join } = await world(t)
  const provisional = await registerUnion(house, { name: 'Young' })
  const reader = await verifiedUnion(house, first, { name: 'Reader' })
  const asked = await join(provisional, icog)
  await move(house, asked.data.url, icog.token, 'confirm')

  t.equal((await ask('GET', asked.data.url)).statusCode, 404, 'the member is not public yet')
  t.same((await ask('GET', `${icog.url}/affiliations`)).data.data, [])
  t.equal((await ask('GET', asked.data.url, { token: reader.token })).statusCode, 200, 'the network knows it')
})

t.test('only administrators of the right side can move an affiliation, from each status', async (t) => {
  const { house, ask, askFresh, icog, union, join } = await world(t)
  const outsider = await seat(house, icog, { office: 'delegate' })
  const reach = {
    requested: [],
    confirmed: ['confirm'],
    refused: ['refuse'],
    ended: ['confirm', 'end'],
  } as const
  const who = { confirm: ['parent'], refuse: ['parent'], end: ['parent', 'member'] } as const

  for (const state of statesOf(affiliationLifecycle)) {
    for (const name of movesOf(affiliationLifecycle)) {
      for (const side of ['parent', 'member', 'delegate'] as const) {
        const asked = await join(union, icog)
        t.equal(asked.statusCode, 201, asked.body)
        for (const step of reach[state]) await move(house, asked.data.url, icog.token, step)
        const token = { parent: icog, member: union, delegate: outsider }[side].token
        const shown = await ask('GET', asked.data.url, { token })

        const answer = await askFresh('POST', `${asked.data.url}/transitions`, {
          token,
          body: { move: name },
        })

        const to = (affiliationLifecycle[state] as Record<string, string>)[name]
        const mayAsk = (who[name] as readonly string[]).includes(side)
        const expected = !mayAsk ? 403 : to === undefined ? 409 : 200
        t.equal(answer.statusCode, expected, `${side} asks ${name} while ${state}`)
        t.equal(shown.data.allowedMoves.includes(name), expected === 200, 'allowedMoves said the same')
        if (expected === 409) {
          t.match(answer.data, { code: 'move_not_allowed', currentStatus: state })
          t.same(
            answer.data.allowedMoves,
            shown.data.allowedMoves,
            'and tells what one could ask for instead',
          )
        }
        if (expected === 200) t.equal(answer.data.status, to)
        // The next round requests a new affiliation, which a valid one would exclude.
        await askFresh('POST', `${asked.data.url}/transitions`, { token: icog.token, body: { move: 'end' } })
      }
    }
  }
})

t.test('an ended affiliation has that day as its last day', async (t) => {
  const { house, ask, icog, union, join, travelTo } = await world(t)
  const asked = await join(union, icog, { endsOn: '2026-12-31' })
  await move(house, asked.data.url, icog.token, 'confirm')

  travelTo('2026-03-20T10:00:00.000Z')
  await move(house, asked.data.url, union.token, 'end')

  t.match((await ask('GET', asked.data.url, { token: union.token })).data, {
    status: 'ended',
    endsOn: '2026-03-20',
  })
  t.equal((await ask('GET', asked.data.url)).statusCode, 404, 'what is over concerns the two sides only')
})

t.test('two organisations cannot have two affiliations in overlapping periods', async (t) => {
  const { icog, union, join } = await world(t)
  await join(union, icog, { endsOn: '2026-06-30' })

  const overlapping = await join(union, icog, { startsOn: '2026-06-30' })
  const following = await join(union, icog, { startsOn: '2026-07-01' })

  t.match([overlapping.statusCode, overlapping.data.code], [409, 'affiliation_overlaps'])
  t.equal(following.statusCode, 201)
})

t.test('of two concurrent requests for the same affiliation, only one succeeds', async (t) => {
  const { icog, union, join } = await world(t)

  const answers = await Promise.all([join(union, icog), join(union, icog), join(union, icog)])

  t.same(answers.map((answer) => answer.statusCode).sort(), [201, 409, 409])
})

t.test('affiliations never form a circle, even with two concurrent confirmations', async (t) => {
  const { house, ask, first, join } = await world(t)
  const federation = (name: string) => verifiedUnion(house, first, { kind: 'federation', name })
  const [a, b, c] = [await federation('Alpha'), await federation('Beta'), await federation('Gamma')]
  const [ab, bc, ca] = await Promise.all([join(a, b), join(b, c), join(c, a)])
  await move(house, ab.data.url, b.token, 'confirm')
  const confirm = (url: string, token: string) =>
    ask('POST', `${url}/transitions`, { token, body: { move: 'confirm' }, headers: { 'if-match': '*' } })

  const answers = await Promise.all([confirm(bc.data.url, c.token), confirm(ca.data.url, a.token)])

  t.same(answers.map((answer) => answer.statusCode).sort(), [200, 409])
  t.ok(answers.some((answer) => answer.data.code === 'affiliation_circle'))
  const itself = await join(a, a)
  t.match(itself.data.errors, [{ pointer: '/parentId', code: 'same_organisation' }])
})

t.test('an organisation can join only the kinds of organisation that its own kind allows', async (t) => {
  const { house, first, join } = await world(t)
  const members = new Map<string, Union>()
  const parents = new Map<string, Union>()
  for (const kind of organisationKinds) {
    members.set(kind, await registerUnion(house, { kind, name: `The ${kind}` }))
    parents.set(kind, await verifiedUnion(house, first, { kind, name: `Another ${kind}` }))
  }

  for (const [kind, member] of members) {
    for (const [parentKind, parent] of parents) {
      const asked = await join(member, parent)
      const fits =
        ['federation', 'coordination'].includes(parentKind) ||
        (parentKind === 'union' && !['union', 'federation', 'coordination'].includes(kind))
      t.equal(asked.statusCode, fits ? 201 : 422, `${kind} joins ${parentKind}`)
      if (!fits) t.match(asked.data.errors, [{ pointer: '/parentId', code: 'wrong_kind' }])
    }
  }
})

t.test('the status of both organisations is checked again when an affiliation is confirmed', async (t) => {
  const { house, ask, icog, first, operatorToken, union, join } = await world(t)
  const asked = await join(union, icog)
  for (const token of [first.token, operatorToken]) await move(house, union.url, token, 'suspend')
  const confirm = () =>
    ask('POST', `${asked.data.url}/transitions`, {
      token: icog.token,
      body: { move: 'confirm' },
      headers: { 'if-match': '*' },
    })

  const refused = await confirm()
  for (const token of [first.token, operatorToken]) await move(house, union.url, token, 'reinstate')
  const confirmed = await confirm()

  t.match([refused.statusCode, refused.data.code], [409, 'cannot_affiliate'])
  t.match(confirmed.data, { status: 'confirmed' })
})

t.test('a request to join a hidden organisation gives the same error as for a missing one', async (t) => {
  const { house, ask, first, union, join } = await world(t)
  const dissolved = await verifiedUnion(house, first, { kind: 'federation', name: 'Was' })
  await move(house, dissolved.url, dissolved.token, 'dissolve')
  await move(house, dissolved.url, first.token, 'dissolve')
  const rejected = await registerUnion(house, { name: 'Trap' })
  await move(house, rejected.url, first.token, 'reject')

  const gone = await join(union, dissolved)
  const hidden = await join(union, rejected)
  const missing = await join(union, { ...union, id: absentId })

  t.match([gone.statusCode, gone.data.code], [409, 'cannot_affiliate'])
  t.match(hidden.data, { status: 422, errors: [{ pointer: '/parentId', code: 'unknown_organisation' }] })
  t.same(plainly(hidden), plainly(missing))
  const backwards = await join(union, union, { startsOn: '2026-05-01', endsOn: '2026-04-30' })
  t.same(
    backwards.data.errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/parentId', '/endsOn'],
    'all faults at once',
  )
  const anonymous = await ask('POST', `${union.url}/affiliations`, { body: { parentId: first.delegateId } })
  t.equal(anonymous.statusCode, 401)
  const delegate = await seat(house, union, { office: 'delegate' })
  const powerless = await ask('POST', `${union.url}/affiliations`, {
    token: delegate.token,
    body: { parentId: dissolved.id },
  })
  t.equal(powerless.statusCode, 403)
})
