import t from 'tap'
import { changeOrganisation } from '../../src/organisations/actions.ts'
import { organisationLifecycle, type OrganisationStatus } from '../../src/organisations/lifecycle.ts'
import { moveOrganisation } from '../../src/organisations/transitions.ts'
import type { ActionContext } from '../../src/platform/actions/action-context.ts'
import { contextOf, refused } from '../fixtures/contexts.ts'
import {
  absentId,
  ledgerOf,
  move,
  plainly,
  registerUnion,
  seat,
  verifiedUnion,
  type Union,
} from '../fixtures/unions.ts'
import type { House } from '../harness.ts'
import { transitionWorld as world, statusAndCode, type Move } from '../fixtures/organisation-transitions.ts'

const moves: readonly Move[] = ['verify', 'reject', 'resubmit', 'suspend', 'reinstate', 'dissolve']

type World = Awaited<ReturnType<typeof world>>

t.test('an organisation that a coordinator has verified is public', async (t) => {
  const { house, ask, first, say } = await world(t)
  const union = await registerUnion(house)

  const verified = await say(union, first.token, 'verify')

  t.match(verified.data, { status: 'verified', version: 2, allowedMoves: ['suspend', 'dissolve', 'merge'] })
  t.equal((await ask('GET', union.url)).statusCode, 200)
  t.match((await ledgerOf(house, union.id)).at(-1), {
    type: 'organisation.moved',
    move: 'verify',
    from_status: 'provisional',
    to_status: 'verified',
    actor_id: first.delegateId,
    mandate_id: first.mandateId,
  })
  const history = await ask('GET', `${union.url}/transitions`, { token: union.token })
  t.match(history.data.data, [{ move: 'verify', by: 'delegate', reason: 'Decided by the assembly.' }])
  t.notMatch(history.body, first.delegateId, 'the history contains no person')
})

t.test('only its own people, coordinators and the operator read why an organisation was moved', async (t) => {
  const { house, ask, first, second, say, operatorToken } = await world(t)
  const [union, other] = [await registerUnion(house), await verifiedUnion(house, first, { name: 'Miners' })]
  const stranger = await registerUnion(house, { name: 'Whoever' })
  const member = await seat(house, union, { office: 'observer' })
  await say(union, first.token, 'verify')
  const reasonFor = async (token: string) => {
    const { data } = (await ask('GET', `${union.url}/transitions`, { token })).data
    return data.map((told: { move: string; reason: string | null }) => [told.move, told.reason])
  }

  for (const token of [union.token, member.token, first.token, second.token, operatorToken])
    t.same(await reasonFor(token), [['verify', 'Decided by the assembly.']])
  for (const token of [stranger.token, other.token]) t.same(await reasonFor(token), [['verify', null]])
})

t.test('the operator can verify a coordination alone, and no other kind of organisation', async (t) => {
  const { house, say, operatorToken } = await world(t)
  const coordination = await registerUnion(house, { kind: 'coordination', name: 'Second' })
  const union = await registerUnion(house)

  t.match((await say(union, operatorToken, 'verify')).data, { status: 403, code: 'forbidden' })
  t.match((await say(coordination, operatorToken, 'verify')).data, { status: 'verified' })
  t.equal((await say(coordination, operatorToken, 'dissolve')).statusCode, 403)
})

t.test('a coordinator cannot verify an organisation in which they hold a mandate', async (t) => {
  const { house, icog, first, say } = await world(t)
  const own = await registerUnion(house, { kind: 'coordination', name: 'Own' })
  await seatCoordinatorIn(house, own, first.delegateId, icog)

  t.equal((await say(own, first.token, 'verify')).statusCode, 403)
  t.equal((await say(own, own.token, 'verify')).statusCode, 403)
})

/** Gives a coordinator of one coordination a mandate in another, which claims them as its delegate. */
async function seatCoordinatorIn(house: House, own: Union, delegateId: string, of: Union): Promise<void> {
  await house.database.read.$client.query(
    `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
     select gen_random_uuid(), created_at, updated_at, status, $1, $2, 'observer', '{}', starts_on
     from mandates where organisation_id = $3 and delegate_id = $1`,
    [delegateId, own.id, of.id],
  )
}

t.test(
  'a rejected organisation is visible only to its own people and coordinators, and can be resubmitted',
  async (t) => {
    const { house, ask, first, say } = await world(t)
    const union = await registerUnion(house)
    const verified = await verifiedUnion(house, first, { name: 'Other' })

    t.match((await say(union, first.token, 'reject')).data, { status: 'rejected', allowedMoves: [] })
    t.equal((await ask('GET', union.url, { token: verified.token })).statusCode, 404, 'perhaps it was a trap')
    t.match((await ask('GET', union.url, { token: union.token })).data, { allowedMoves: ['resubmit'] })
    t.match((await say(union, union.token, 'resubmit')).data, { status: 'provisional' })
  },
)

t.test('of two concurrent verifications of an organisation, only one succeeds', async (t) => {
  const { house, first, second, say } = await world(t)
  const union = await registerUnion(house)
  const { headers } = await house.ask('GET', union.url, { token: first.token })
  const etag = String(headers.etag)

  const blind = await Promise.all([say(union, first.token, 'verify'), say(union, second.token, 'verify')])
  const versioned = await Promise.all([
    say(union, first.token, 'suspend', etag),
    say(union, second.token, 'suspend', etag),
  ])

  t.same(blind.map(statusAndCode).sort(), ['200 ', '409 move_not_allowed'])
  t.same(versioned.map(statusAndCode), ['412 stale_version', '412 stale_version'])
})

t.test(
  'a suspension, a recall or a revocation also stops requests that were admitted before it',
  async (t) => {
    const { house, ask, other, first, second, say } = await world(t)
    const union = await verifiedUnion(house, first)
    const client = await ask('POST', '/v1/tokens', {
      token: union.token,
      body: {
        label: 'site',
        scopes: ['organisations:write'],
        organisationId: union.id,
        powers: ['administer'],
      },
    })
    const bySecretary = await contextOf(house, union.token)
    const byClient = await contextOf(house, client.data.secret)
    const byCoordinator = await contextOf(house, second.token)
    const change = (context: ActionContext) => changeOrganisation(context, union.id, {}, { about: 'Late.' })
    const late = { status: 403, code: 'forbidden' }

    await ask('DELETE', `/v1/tokens/${client.data.id}`, { token: union.token })
    await refused(t, late, change(byClient))
    for (const { token } of [first, second]) await say(union, token, 'suspend')
    await refused(t, late, change(bySecretary))
    await move(house, `/v1/mandates/${second.mandateId}`, other.token, 'recall')
    const asked = { id: union.id, move: 'reinstate', reason: undefined, version: {} } as const
    await refused(t, late, moveOrganisation(byCoordinator, asked))

    t.match((await ask('GET', union.url, { token: first.token })).data, { about: null, awaiting: null })
  },
)

t.test('a caller who cannot move an organisation does not learn whether a version is outdated', async (t) => {
  const { house, first, say } = await world(t)
  const union = await verifiedUnion(house, first)
  const other = await verifiedUnion(house, first, { name: 'Other' })

  t.equal((await say(union, other.token, 'suspend', '"1"')).statusCode, 403)
  t.equal((await say(union, first.token, 'suspend', '"1"')).statusCode, 412)
})

t.test('moving an organisation answers 404 to callers who cannot read it, 403 to its readers', async (t) => {
  const { house, first, say } = await world(t)
  const union = await registerUnion(house)
  const verified = await verifiedUnion(house, first, { name: 'Other' })
  const stranger = await registerUnion(house, { name: 'Stranger' })

  t.equal((await say(union, undefined, 'verify')).statusCode, 401)
  t.equal((await say(union, verified.token, 'verify')).statusCode, 403)
  const hidden = await say(union, stranger.token, 'verify')
  t.same(
    plainly(hidden),
    plainly(await say({ url: `/v1/organisations/${absentId}` }, stranger.token, 'verify')),
  )
  t.equal(hidden.statusCode, 404)
  const history = await house.ask('GET', `${union.url}/transitions`, { token: stranger.token })
  t.equal(history.statusCode, 404)
  const unknown = await house.askFresh('POST', `${union.url}/transitions`, {
    token: first.token,
    body: { move: 'merge' },
  })
  t.match(unknown.data, { status: 422, errors: [{ pointer: '/move', code: 'unknown_value' }] })
})

/** Brings a new organisation into a status with requests only. */
async function organisationIn(
  world: World,
  state: OrganisationStatus,
): Promise<{ url: string; token?: string }> {
  const { house, ask, first, second } = world
  if (state === 'unclaimed') {
    const body = { kind: 'union', name: 'Unclaimed', country: 'BY' }
    return { url: (await ask('POST', '/v1/addressees', { token: first.token, body })).data.url }
  }
  const union = await registerUnion(house)
  const steps: Record<string, [string, string][]> = {
    rejected: [['reject', first.token]],
    verified: [['verify', first.token]],
    suspended: [
      ['verify', first.token],
      ['suspend', first.token],
      ['suspend', second.token],
    ],
    dissolved: [
      ['verify', first.token],
      ['dissolve', union.token],
      ['dissolve', second.token],
    ],
    merged: [['verify', first.token]],
  }
  for (const [name, token] of steps[state] ?? []) await move(house, union.url, token, name)
  if (state === 'merged') {
    const into = await verifiedUnion(house, first, { name: 'Successor' })
    for (const token of [union.token, into.token, first.token]) {
      await house.askFresh('POST', `${union.url}/mergers`, { token, body: { intoId: into.id } })
    }
  }
  return union
}

t.test('every move of an organisation from every status follows the lifecycle', async (t) => {
  const here = await world(t)
  const mayAsk: Record<Move, readonly ('coordinator' | 'secretary')[]> = {
    verify: ['coordinator'],
    reject: ['coordinator'],
    resubmit: ['secretary'],
    suspend: ['coordinator'],
    reinstate: ['coordinator'],
    dissolve: ['coordinator', 'secretary'],
  }
  const alone: readonly Move[] = ['verify', 'reject', 'resubmit']
  // Its own people cannot act, or do not exist yet; for a merged one, the successor's people act.
  const withoutSecretary = ['unclaimed', 'suspended', 'dissolved', 'merged']

  for (const state of Object.keys(organisationLifecycle) as OrganisationStatus[]) {
    for (const name of moves) {
      for (const who of ['coordinator', 'secretary'] as const) {
        const organisation = await organisationIn(here, state)
        const token = who === 'coordinator' ? here.first.token : organisation.token
        if (token === undefined || (who === 'secretary' && withoutSecretary.includes(state))) continue
        const shown = await here.ask('GET', organisation.url, { token })
        t.equal(shown.data.status, state)

        const answer = await here.say(organisation, token, name)

        const to = (organisationLifecycle[state] as Record<string, string>)[name]
        const expected = !mayAsk[name].includes(who) ? 403 : to === undefined ? 409 : 200
        const what = `${who} asks ${name} while ${state}`
        t.equal(answer.statusCode, expected, what)
        t.equal(shown.data.allowedMoves.includes(name), expected === 200, `${what}: allowedMoves had said so`)
        if (expected === 409) {
          t.match(answer.data, { code: 'move_not_allowed', currentStatus: state })
          t.same(answer.data.allowedMoves, shown.data.allowedMoves, `${what}: what one could ask for instead`)
        }
        if (expected === 200) t.equal(answer.data.status, alone.includes(name) ? to : state)
      }
    }
  }
})
