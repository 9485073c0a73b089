import t from 'tap'
import { ledgerOf, move, registerUnion, seat, verifiedUnion } from '../fixtures/unions.ts'
import { transitionWorld as world } from '../fixtures/organisation-transitions.ts'
import { done } from '../fixtures/world.ts'

t.test('a suspension and a reinstatement need two different coordinators', async (t) => {
  const { house, ask, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)

  const asked = await say(union, first.token, 'suspend')
  const again = await say(union, first.token, 'suspend')
  const publicly = await ask('GET', union.url)
  const byUnion = await ask('GET', union.url, { token: union.token })
  const suspended = await say(union, second.token, 'suspend')

  t.match(asked.data, {
    status: 'verified',
    awaiting: { move: 'suspend', until: '2026-03-05T10:00:00.000Z' },
  })
  t.match([again.statusCode, again.data.code], [409, 'second_person_needed'])
  t.match(publicly.data, { status: 'verified', awaiting: null })
  t.match(byUnion.data.awaiting, { move: 'suspend' }, 'its own people see the pending decision')
  t.match(suspended.data, { status: 'suspended', awaiting: null })
  t.equal((await ask('GET', union.url)).statusCode, 404)
  t.match((await ask('GET', '/v1/me', { token: union.token })).data.mandates, [], 'its mandates rest')
  t.equal((await ask('POST', `${union.url}/worksites`, { token: union.token, body: {} })).statusCode, 422)
  t.equal((await say(union, second.token, 'reinstate')).data.status, 'suspended')
  t.equal((await say(union, first.token, 'reinstate')).data.status, 'verified')
  t.equal((await ask('GET', '/v1/me', { token: union.token })).data.mandates.length, 1)
  t.same(
    (await ledgerOf(house, union.id)).map(({ type, move: name }) => name ?? type),
    [
      'organisation.registered',
      'verify',
      'organisation.concurrence_given',
      'suspend',
      'organisation.concurrence_given',
      'reinstate',
    ],
  )
})

t.test('two coordinators who suspend an organisation concurrently suspend it once', async (t) => {
  const { house, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)

  const answers = await Promise.all([
    say(union, first.token, 'suspend'),
    say(union, second.token, 'suspend'),
    say(union, first.token, 'suspend'),
    say(union, second.token, 'suspend'),
  ])

  const done = answers.filter((answer) => answer.data.status === 'suspended')
  t.equal(done.length, 1)
  const told = (await ledgerOf(house, union.id)).filter((entry) => entry.move === 'suspend')
  t.equal(told.length, 1)
})

t.test('an approval does not count after 72 hours', async (t) => {
  const { house, first, second, say, travelTo } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')

  travelTo('2026-03-05T10:00:00.000Z')
  const late = await say(union, second.token, 'suspend')
  const inTime = await say(union, first.token, 'suspend')

  t.match(late.data, { status: 'verified', awaiting: { until: '2026-03-08T10:00:00.000Z' } })
  t.match(inTime.data, { status: 'suspended' })
})

t.test('an expired decision no longer shows as awaiting approval', async (t) => {
  const { house, ask, first, say, travelTo } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')
  const awaiting = async () => (await ask('GET', union.url, { token: union.token })).data.awaiting

  travelTo('2026-03-05T09:59:59.999Z')
  t.match(await awaiting(), { move: 'suspend' })
  travelTo('2026-03-05T10:00:00.000Z')
  t.equal(await awaiting(), null)
})

t.test('an approval does not count after the mandate of its author has ended', async (t) => {
  const { house, icog, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')
  await move(house, `/v1/mandates/${first.mandateId}`, icog.token, 'recall')

  const alone = await say(union, second.token, 'suspend')

  t.match(alone.data, { status: 'verified', awaiting: { move: 'suspend' } }, 'it is now the first approval')
  const third = await seat(house, icog, { office: 'coordinator' })
  t.match((await say(union, third.token, 'suspend')).data, { status: 'suspended' })
})

t.test('a coordination with a merged coordination counts as one, not as two', async (t) => {
  const { house, icog, first, second, say } = await world(t)
  const fellow = await seat(house, icog, { office: 'coordinator' })
  const former = await verifiedUnion(house, first, { name: 'Union of the small depot' })
  const body = { intoId: icog.id }
  for (const { token } of [former, icog, second])
    done(await house.askFresh('POST', `${former.url}/mergers`, { token, body }))
  const { mandates } = done(await house.ask('GET', '/v1/me', { token: fellow.token })).data
  t.equal(mandates.length, 2, 'its people act for the merged one')
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')

  const alone = await say(union, fellow.token, 'suspend')

  t.match([alone.statusCode, alone.data.code], [409, 'another_coordination_needed'])
  t.match((await say(union, second.token, 'suspend')).data, { status: 'suspended' })
})

t.test('an approval does not count after its coordination was sealed', async (t) => {
  const { house, icog, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')
  done(await house.ask('PUT', `${icog.url}/seal`, { token: icog.token }))

  const alone = await say(union, second.token, 'suspend')

  t.match(alone.data, { status: 'verified', awaiting: { move: 'suspend' } }, 'it is now the first approval')
})

t.test('a change of name clears the first approval of a verification', async (t) => {
  const { house, first, second, say } = await world(t)
  const coordination = await registerUnion(house, { kind: 'coordination', name: 'Coordination of the mines' })
  const change = (body: object) =>
    house.askFresh('PATCH', coordination.url, { token: coordination.token, body })
  await say(coordination, first.token, 'verify')

  t.match(done(await change({ about: 'We meet on Sundays.' })).data, { awaiting: { move: 'verify' } })
  t.match(done(await change({ name: 'Coordination of everybody' })).data, { awaiting: null })

  t.match((await say(coordination, second.token, 'verify')).data, { status: 'provisional' })
  t.match((await say(coordination, first.token, 'verify')).data, { status: 'verified' })
})

t.test('a secretary’s pending request cannot block a suspension', async (t) => {
  const { house, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, union.token, 'dissolve')

  const asked = await say(union, first.token, 'suspend')
  const again = await say(union, union.token, 'dissolve')
  const suspended = await say(union, second.token, 'suspend')

  t.match(asked.data, { status: 'verified', awaiting: { move: 'suspend' } })
  t.match([again.statusCode, again.data.code], [409, 'other_move_pending'])
  t.match(suspended.data, { status: 'suspended' })
})

t.test('a second decision on an organisation cannot be requested while another one is pending', async (t) => {
  const { house, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)
  await say(union, first.token, 'suspend')

  const other = await say(union, second.token, 'dissolve')

  t.match([other.statusCode, other.data.code], [409, 'other_move_pending'])
})

t.test('a secretary and a coordinator together dissolve an organisation, in either order', async (t) => {
  const { house, first, second, say, ask } = await world(t)
  const [one, two] = await Promise.all([
    verifiedUnion(house, first),
    verifiedUnion(house, first, { name: 'Two' }),
  ])

  t.equal((await say(one, first.token, 'dissolve')).data.status, 'verified')
  t.equal(
    (await say(one, second.token, 'dissolve')).data.code,
    'second_person_needed',
    'two coordinators will not do',
  )
  t.equal((await say(one, one.token, 'dissolve')).data.status, 'dissolved')
  t.equal((await say(two, two.token, 'dissolve')).data.status, 'verified')
  t.equal((await say(two, second.token, 'dissolve')).data.status, 'dissolved')
  t.equal((await ask('GET', one.url)).statusCode, 200, 'what was stays readable')
})

t.test(
  'two coordinators of the same coordination count as one and cannot approve a suspension together',
  async (t) => {
    const { house, icog, first, second, say, operatorToken } = await world(t)
    const union = await verifiedUnion(house, first)
    const puppet = await seat(house, icog, { office: 'coordinator' })
    await say(union, first.token, 'suspend')

    const refused = await say(union, puppet.token, 'suspend')

    t.match([refused.statusCode, refused.data.code], [409, 'another_coordination_needed'])
    t.match((await say(union, second.token, 'suspend')).data, { status: 'suspended' })
    t.match((await say(union, first.token, 'reinstate')).data, { status: 'suspended' })
    t.match(
      (await say(union, operatorToken, 'reinstate')).data,
      { status: 'verified' },
      'the operator stands in',
    )
  },
)

t.test('a person who is coordinator of two coordinations counts once', async (t) => {
  const { house, other, first, second, say } = await world(t)
  const union = await verifiedUnion(house, first)
  // The same person holds a mandate in both coordinations.
  await house.database.read.$client.query(
    `insert into mandates (id, created_at, updated_at, status, delegate_id, organisation_id, office, powers, starts_on)
     select gen_random_uuid(), created_at, updated_at, status, $1, organisation_id, 'chair', powers, starts_on
     from mandates where delegate_id = $2 and organisation_id = $3`,
    [first.delegateId, second.delegateId, other.id],
  )
  await say(union, first.token, 'suspend')

  t.match((await say(union, first.token, 'suspend')).data, { code: 'second_person_needed' })
  t.match((await say(union, second.token, 'suspend')).data, { status: 'suspended' })
})

t.test('the operator cannot suspend an organisation alone, and learns who must approve', async (t) => {
  const { house, first, say, operatorToken } = await world(t)
  const union = await verifiedUnion(house, first)

  const asked = await say(union, operatorToken, 'suspend')
  const again = await say(union, operatorToken, 'suspend')

  t.match(asked.data, { status: 'verified', awaiting: { move: 'suspend' } })
  t.match([again.statusCode, again.data.code], [409, 'second_person_needed'])
  t.match((await say(union, first.token, 'suspend')).data, { status: 'suspended' })
})

t.test('one coordination alone cannot verify another coordination', async (t) => {
  const { house, icog, first, second, say, operatorToken } = await world(t)
  const shadow = await registerUnion(house, { kind: 'coordination', name: 'Shadow' })
  const puppet = await seat(house, icog, { office: 'coordinator' })

  t.match((await say(shadow, first.token, 'verify')).data, {
    status: 'provisional',
    awaiting: { move: 'verify' },
  })
  t.match((await say(shadow, puppet.token, 'verify')).data, { code: 'another_coordination_needed' })
  t.match((await say(shadow, second.token, 'verify')).data, { status: 'verified' })
  const third = await registerUnion(house, { kind: 'coordination', name: 'Third' })
  t.match((await say(third, operatorToken, 'verify')).data, { status: 'verified' })
})
