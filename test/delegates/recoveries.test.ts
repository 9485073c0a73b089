/** Two coordinators give a new token to an administrator who lost theirs. */
import t from 'tap'
import { delegateJobs } from '../../src/delegates/jobs.ts'
import { elevated } from '../fixtures/second-factor.ts'
import { absentId, ledgerOf, move, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { reason, recoveryWorld as world } from '../fixtures/recoveries.ts'

t.test('two coordinators give a secretary a new token, and the lost token is revoked', async (t) => {
  const { house, ask, union, first, second, request, grant, enrol } = await world(t)

  const asked = done(await request()).data
  t.match(asked, { status: 'requested', organisationId: union.id, reason, enrolmentLinkId: null })
  const granted = done(await grant(asked['url'])).data
  t.equal((await ask('GET', '/v1/me', { token: union.token })).statusCode, 401, 'before the link is used')
  const token = done(await enrol(granted['secret'])).data['secret']

  const me = await ask('GET', '/v1/me', { token })
  t.match(me.data, { delegate: { id: union.delegateId }, mandates: [{ organisation: { id: union.id } }] })
  t.equal((await enrol(granted['secret'])).statusCode, 410, 'the link works once')
  const shown = done(await ask('GET', asked['url'], { token })).data
  t.match(shown, { status: 'granted', enrolmentLinkId: granted['enrolmentLinkId'] }, 'they are told')
  t.notOk('secret' in shown)
  t.match(await ledgerOf(house, asked['id']), [
    { type: 'recovery.requested', actor_id: first.delegateId },
    { type: 'recovery.granted', actor_id: second.delegateId },
  ])
})

t.test('a recovery cannot be granted by the same coordination or by the person recovered', async (t) => {
  const { house, icog, first, second, request, grant } = await world(t)
  const puppet = await elevated(house, await seat(house, icog, { office: 'coordinator' }))
  const { url } = done(await request()).data as { url: string }

  t.match((await grant(url, first.token)).data, { code: 'second_person_needed' })
  t.match((await grant(url, puppet.token)).data, { code: 'another_coordination_needed' })
  t.equal((await grant(url)).statusCode, 200)
  t.match((await grant(url)).data, { code: 'recovery_closed' })
  t.match((await request({}, second.token)).statusCode, 201)
})

t.test('a recovery for a wrong name, a hidden or a missing organisation gives the same error', async (t) => {
  const { union, icog, request } = await world(t)
  const wrong = await request({ secretary: 'Mara' })

  for (const change of [
    { organisationId: icog.id },
    { organisationId: absentId },
    { organisationId: union.id, secretary: 'vesna' },
  ]) {
    t.same(plainly(await request(change)), plainly(wrong))
  }
  t.match(wrong.data, { status: 422, errors: [{ pointer: '/secretary', code: 'unknown_secretary' }] })
})

t.test('a recovery can be requested only for an administrator with a unique display name', async (t) => {
  const { house, union, request } = await world(t)
  await seat(house, union, { office: 'delegate' })
  t.match((await request({ secretary: 'The delegate' })).statusCode, 422)
  await seat(house, union, { office: 'chair' })
  t.match((await request({ secretary: 'The chair' })).statusCode, 201)
  await seat(house, union, { office: 'chair' })

  t.match((await request({ secretary: 'The chair' })).statusCode, 422)
})

t.test('a recovery needs coordinators who have given a code of their second factor', async (t) => {
  const { house, ask, icog, union, operatorToken, request, grant } = await world(t)
  const bare = await seat(house, icog, { office: 'coordinator' })
  const { url } = done(await request()).data as { url: string }

  t.match((await request({}, bare.token)).data, { code: 'second_factor_needed' })
  t.match((await grant(url, bare.token)).data, { code: 'second_factor_needed' })
  for (const token of [union.token, operatorToken]) t.equal((await request({}, token)).statusCode, 403)
  t.equal((await grant(url, union.token)).statusCode, 403, 'its own secretary can see it but not grant it')
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const absent = `/v1/recoveries/${absentId}`
  for (const path of ['', '/grants'] as const) {
    const method = path === '' ? 'GET' : 'POST'
    const foreign = await ask(method, url + path, { token: stranger.token })
    t.equal(foreign.statusCode, 404)
    t.same(plainly(foreign), plainly(await ask(method, absent + path, { token: stranger.token })))
  }
})

t.test('members read the recoveries of their own organisation, and coordinators read all', async (t) => {
  const { house, ask, union, first, request } = await world(t)
  const { id } = done(await request()).data as { id: string }
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const listed = async (token: string, query = '') =>
    (await ask('GET', `/v1/recoveries${query}`, { token })).data['data'].map((row: { id: string }) => row.id)

  t.same(await listed(union.token), [id])
  t.same(await listed(first.token, `?organisationId=${union.id}`), [id])
  t.same(await listed(first.token, `?organisationId=${stranger.id}`), [])
  t.same(await listed(stranger.token), [])
})

t.test('of two concurrent grants of a recovery, only one succeeds, and none after a recall', async (t) => {
  const { house, askFresh, icog, other, first, second, request, grant } = await world(t)
  const third = await elevated(house, await seat(house, other, { office: 'coordinator' }))
  const { url } = done(await request()).data as { url: string }
  const answers = await Promise.all([second, third, second].map(({ token }) => grant(url, token)))
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 409, 409])
  const dangling = done(await request()).data as { url: string }
  const recalling = { token: icog.token, body: { move: 'recall' } }
  done(await askFresh('POST', `/v1/mandates/${first.mandateId}/transitions`, recalling))

  t.match((await grant(dangling.url)).data, { code: 'recovery_closed' })
})

t.test('a recovery is refused for a former administrator, whose tokens stay valid', async (t) => {
  const { house, ask, askFresh, union, first, second, request, grant } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  await move(house, union.url, first.token, 'verify')
  const { url } = done(await request()).data as { url: string }
  const both = async (body: object) => {
    for (const { token } of [first, second])
      done(await askFresh('POST', `${union.url}/transitions`, { token, body }))
  }
  await both({ move: 'suspend' })
  t.match((await grant(url)).data, { status: 409, code: 'administrator_gone' }, 'it may not act')
  await both({ move: 'reinstate' })
  const recalling = { token: chair.token, body: { move: 'recall' } }
  done(await askFresh('POST', `/v1/mandates/${union.mandateId}/transitions`, recalling))

  t.match((await grant(url)).data, { status: 409, code: 'administrator_gone' }, 'the mandate has ended')

  t.equal((await ask('GET', '/v1/me', { token: union.token })).statusCode, 200)
  t.match((await ask('GET', url, { token: second.token })).data, { status: 'requested' })
})

t.test('a requested recovery expires after 72 hours', async (t) => {
  const { house, second, request, grant, travelTo } = await world(t)
  const { url } = done(await request()).data as { url: string }

  travelTo('2026-03-05T10:00:00.000Z')
  await elevated(house, second)

  t.match((await grant(url)).data, { code: 'recovery_closed' })
})

t.test('the reason of a recovery is deleted after 24 months, and with its person', async (t) => {
  const { house, ask, askFresh, union, second, request, grant, enrol, travelTo } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const { secret } = done(await grant(url)).data as { secret: string }
  const token = done(await enrol(secret)).data['secret']
  await seat(house, { ...union, token }, { office: 'chair' })
  const shown = async () => (await ask('GET', url, { token: second.token })).data['reason']
  t.equal(await shown(), reason)

  done(await askFresh('DELETE', `/v1/delegates/${union.delegateId}`, { token }))
  t.equal(await shown(), '')

  const other = await registerUnion(house, { name: 'Miners', secretary: { displayName: 'Mara' } })
  const asked = done(await request({ organisationId: other.id, secretary: 'Mara' })).data as { id: string }
  const kept = async () => {
    const { rows } = await house.database.read.$client.query('select reason from recoveries where id = $1', [
      asked.id,
    ])
    return (rows as { reason: string }[])[0]?.reason
  }
  for (const [later, expected] of [
    ['2028-03-04T10:00:00.000Z', reason],
    ['2028-03-07T10:00:00.000Z', ''],
  ] as const) {
    travelTo(later)
    for (const job of delegateJobs.filter(({ name }) => name === 'recoveries.forget_reasons'))
      await house.run(job)
    t.equal(await kept(), expected)
  }
})
