/** Who administers an organisation and has lost their token is given a new one by two coordinators. */
import t, { type Test } from 'tap'
import { delegateJobs } from '../../src/delegates/jobs.ts'
import { holding } from '../fixtures/holding.ts'
import { elevated } from '../fixtures/second-factor.ts'
import {
  absentId,
  ledgerOf,
  move,
  openCoordination,
  plainly,
  registerUnion,
  seat,
} from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { openHouse, type Answer } from '../harness.ts'

const reason = 'The phone was taken at the border.'

async function world(t: Test) {
  const house = await openHouse(t)
  const { icog, first } = await openCoordination(house)
  const { icog: other, first: second } = await openCoordination(house, { name: 'Second coordination' })
  const union = await registerUnion(house, { secretary: { displayName: 'Vesna' } })
  for (const coordinator of [first, second]) await elevated(house, coordinator)
  const request = (change: object = {}, token = first.token) =>
    house.ask('POST', '/v1/recoveries', {
      token,
      body: { organisationId: union.id, secretary: 'Vesna', reason, ...change },
    })
  const grant = (url: string, token = second.token) => house.ask('POST', `${url}/grants`, { token })
  const enrol = (secret: string) =>
    house.ask('POST', '/v1/enrolments', { body: { secret, label: 'new phone' } })
  return { ...house, house, icog, other, first, second, union, request, grant, enrol }
}

t.test('two coordinators give a lost secretary a new token, and the lost one is dead', async (t) => {
  const { house, ask, union, first, second, request, grant, enrol } = await world(t)

  const asked = done(await request()).data
  t.match(asked, { status: 'requested', organisationId: union.id, reason, enrolmentLinkId: null })
  const granted = done(await grant(asked['url'])).data
  t.equal((await ask('GET', '/v1/me', { token: union.token })).statusCode, 401, 'before the link is used')
  const token = done(await enrol(granted['secret'])).data['secret']

  const me = await ask('GET', '/v1/me', { token })
  t.match(me.data, { delegate: { id: union.delegateId }, mandates: [{ organisation: { id: union.id } }] })
  t.equal((await enrol(granted['secret'])).statusCode, 410, 'the link is good once')
  const shown = done(await ask('GET', asked['url'], { token })).data
  t.match(shown, { status: 'granted', enrolmentLinkId: granted['enrolmentLinkId'] }, 'they are told')
  t.notOk('secret' in shown)
  t.match(await ledgerOf(house, asked['id']), [
    { type: 'recovery.requested', actor_id: first.delegateId },
    { type: 'recovery.granted', actor_id: second.delegateId },
  ])
})

t.test('one coordination is not two, and nobody is both', async (t) => {
  const { house, icog, first, second, request, grant } = await world(t)
  const puppet = await elevated(house, await seat(house, icog, { office: 'coordinator' }))
  const { url } = done(await request()).data as { url: string }

  t.match((await grant(url, first.token)).data, { code: 'another_person_needed' })
  t.match((await grant(url, puppet.token)).data, { code: 'another_coordination_needed' })
  t.equal((await grant(url)).statusCode, 200)
  t.match((await grant(url)).data, { code: 'recovery_closed' })
  t.match((await request({}, second.token)).statusCode, 201)
})

t.test('a wrong name, a foreign id and an absent one are the same fault', async (t) => {
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

t.test('only who administers it is recovered, and only where the name is one person’s', async (t) => {
  const { house, union, request } = await world(t)
  await seat(house, union, { office: 'delegate' })
  t.match((await request({ secretary: 'The delegate' })).statusCode, 422)
  await seat(house, union, { office: 'chair' })
  t.match((await request({ secretary: 'The chair' })).statusCode, 201)
  await seat(house, union, { office: 'chair' })

  t.match((await request({ secretary: 'The chair' })).statusCode, 422)
})

t.test('it needs coordinators, and a code of their second factor', async (t) => {
  const { house, ask, icog, union, operatorToken, request, grant } = await world(t)
  const bare = await seat(house, icog, { office: 'coordinator' })
  const { url } = done(await request()).data as { url: string }

  t.match((await request({}, bare.token)).data, { code: 'second_factor_needed' })
  t.match((await grant(url, bare.token)).data, { code: 'second_factor_needed' })
  for (const token of [union.token, operatorToken]) t.equal((await request({}, token)).statusCode, 403)
  t.equal((await grant(url, union.token)).statusCode, 403, 'its own secretary sees it')
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const absent = `/v1/recoveries/${absentId}`
  for (const path of ['', '/grants'] as const) {
    const method = path === '' ? 'GET' : 'POST'
    const foreign = await ask(method, url + path, { token: stranger.token })
    t.equal(foreign.statusCode, 404)
    t.same(plainly(foreign), plainly(await ask(method, absent + path, { token: stranger.token })))
  }
})

t.test('each reads those that concern their organisation, coordinators all', async (t) => {
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

t.test('of two second words at once one is taken; a recalled first word counts for nothing', async (t) => {
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

t.test('whoever does not administer it any more is given nothing, and loses nothing', async (t) => {
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

t.test('a coordination asks once for somebody, until it is granted, ended or over', async (t) => {
  const { house, ask, icog, first, second, request, grant, travelTo } = await world(t)
  const colleague = await elevated(house, await seat(house, icog, { office: 'coordinator' }))
  const answers = await Promise.all([request(), request({}, colleague.token)])
  t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, 409])
  const refused = answers.find(({ statusCode }) => statusCode === 409)
  t.match(refused?.data, { code: 'recovery_open' })
  const { url } = answers.find(({ statusCode }) => statusCode === 201)?.data as { url: string }

  const others = done(await request({}, second.token)).data as { url: string }
  done(await ask('DELETE', url, { token: colleague.token }))
  const again = done(await request()).data as { url: string }
  done(await grant(again.url))
  done(await request())
  travelTo('2026-03-05T10:00:00.000Z')
  await elevated(house, first)

  t.equal((await request()).statusCode, 201, 'the last one lapsed')
  t.match((await ask('GET', others.url, { token: first.token })).data, { status: 'lapsed' })
})

t.test('it is ended by a coordinator, by the person, and by who administers the organisation', async (t) => {
  const { house, ask, union, first, second, request, grant } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  const member = await seat(house, union, { office: 'delegate' })
  for (const { token, delegateId, mandateId } of [
    { ...second, mandateId: second.mandateId },
    { ...union, mandateId: null },
    chair,
  ]) {
    const { id, url } = done(await request()).data as { id: string; url: string }
    t.equal((await ask('DELETE', url, { token: member.token })).statusCode, 403, 'a colleague reads it')

    for (let i = 0; i < 2; i++) t.equal((await ask('DELETE', url, { token })).statusCode, 204)

    t.match((await ask('GET', url, { token: first.token })).data, { status: 'ended', version: 2 })
    t.match((await grant(url)).data, { code: 'recovery_closed' })
    t.match(await ledgerOf(house, id), [
      { type: 'recovery.requested' },
      { type: 'recovery.ended', actor_id: delegateId, mandate_id: mandateId },
    ])
  }
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const { url } = done(await request()).data as { url: string }
  const [foreign, absent] = await Promise.all(
    [url, `/v1/recoveries/${absentId}`].map((path) => ask('DELETE', path, { token: stranger.token })),
  )
  t.same(plainly(foreign as Answer), plainly(absent as Answer))
  t.match(foreign?.data, { code: 'recovery_not_found' })
})

t.test('with what was granted its link ends, and what was over before stays as it was', async (t) => {
  const { house, ask, first, second, union, request, grant, enrol, travelTo } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const { secret, enrolmentLinkId } = done(await grant(url)).data
  done(await ask('DELETE', url, { token: first.token }))

  t.equal((await enrol(secret)).statusCode, 410)
  t.match(await ledgerOf(house, enrolmentLinkId), [
    { type: 'enrolment_link.created' },
    { type: 'enrolment_link.revoked', actor_id: first.delegateId },
  ])

  const used = done(await request()).data as { url: string }
  const token = done(await enrol(done(await grant(used.url)).data['secret'])).data['secret'] as string
  done(await ask('DELETE', used.url, { token: second.token }))
  t.equal((await ask('GET', '/v1/me', { token })).statusCode, 200, 'a token that was taken is theirs')
  const lapsing = done(await request()).data as { url: string }
  travelTo('2026-03-05T10:00:00.000Z')
  done(await ask('DELETE', lapsing.url, { token }))
  t.match((await ask('GET', lapsing.url, { token })).data, { status: 'lapsed', version: 1, endedAt: null })
  t.match((await ask('GET', url, { token })).data, { organisationId: union.id, status: 'ended' })
})

t.test('a grant whose answer was lost is answered again, with the same link', async (t) => {
  const { house, ask, union, other, second, request, enrol } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const headers = { 'idempotency-key': 'the-answer-was-lost' }
  const grant = ({ token }: { token: string }) => ask('POST', `${url}/grants`, { token, headers })

  const [granted, again] = [done(await grant(second)).data, done(await grant(second))]

  t.same(again.data, granted)
  t.equal(again.headers['idempotency-replayed'], 'true')
  const third = await elevated(house, await seat(house, other, { office: 'coordinator' }))
  t.match((await grant(third)).data, { code: 'recovery_closed' }, 'it is the answer to one of them')
  const { rows } = await house.database.read.$client.query(
    'select id from enrolment_links where delegate_id = $1',
    [union.delegateId],
  )
  t.same(rows, [{ id: granted['enrolmentLinkId'] }])
  t.equal((await enrol(granted['secret'])).statusCode, 201)
})

t.test('what comes of it is told as a recovery, and as no administrator’s', async (t) => {
  const { ask, union, house, request, grant, enrol, travelTo } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  const { url } = done(await request()).data as { url: string }
  const { secret, enrolmentLinkId } = done(await grant(url)).data

  const links = (await ask('GET', '/v1/enrolment-links', { token: chair.token })).data['data']
  t.match(links, [{ id: enrolmentLinkId, by: 'coordinators' }])
  travelTo(new Date(house.now().getTime() + 60_000).toISOString())
  const token = done(await enrol(secret)).data['secret'] as string
  const { data: own } = (await ask('GET', '/v1/tokens', { token })).data
  t.match(
    own.find(({ origin }: { origin: string }) => origin === 'recovery'),
    { byAdministrator: false, revokedAt: null },
  )
  const erased = await ask('DELETE', `/v1/delegates/${union.delegateId}`, {
    token,
    headers: { 'if-match': '*' },
  })
  t.match(erased.data, { status: 403, code: 'token_too_new' }, 'and destroys nobody at once')
})

t.test('it waits three days for the second word', async (t) => {
  const { house, second, request, grant, travelTo } = await world(t)
  const { url } = done(await request()).data as { url: string }

  travelTo('2026-03-05T10:00:00.000Z')
  await elevated(house, second)

  t.match((await grant(url)).data, { code: 'recovery_closed' })
})

t.test('why it was asked is forgotten after 24 months, and with whom it is about', async (t) => {
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

t.test('of all that the person could still use only the newest link is left', async (t) => {
  const { house, ask, union, request, grant, enrol } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  const link = async (token: string) => {
    const path = `/v1/delegates/${union.delegateId}/enrolment-links`
    return done(await ask('POST', path, { token, body: {} })).data as { id: string; secret: string }
  }
  const recover = async () => {
    const { url } = done(await request()).data as { url: string }
    return done(await grant(url)).data as { secret: string; enrolmentLinkId: string }
  }
  const [own, another] = [await link(union.token), await link(chair.token)]
  const body = { label: 'laptop', scopes: ['pacts:read'] }
  const laptop = done(await ask('POST', '/v1/tokens', { token: union.token, body })).data['secret'] as string

  const [earlier, newest] = [await recover(), await recover()]

  for (const { secret } of [own, another, earlier]) t.equal((await enrol(secret)).statusCode, 410)
  for (const token of [union.token, laptop]) t.equal((await ask('GET', '/v1/me', { token })).statusCode, 401)
  for (const id of [own.id, another.id, earlier.enrolmentLinkId])
    t.match((await ledgerOf(house, id)).at(-1), { type: 'enrolment_link.revoked' })
  t.equal((await enrol(newest.secret)).statusCode, 201)
  t.equal((await ask('GET', '/v1/me', { token: chair.token })).statusCode, 200, 'nobody else lost theirs')
})

t.test('a token that is taken by an older link while it is granted is dead with the lost ones', async (t) => {
  const { house, ask, union, request, grant, enrol } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  const path = `/v1/delegates/${union.delegateId}/enrolment-links`
  const { id, secret } = done(await ask('POST', path, { token: chair.token, body: {} })).data
  const { url } = done(await request()).data as { url: string }
  const row = 'select from enrolment_links where id = $1 for update'
  const { waiting, release } = await holding(t, house.ownerUrl, row, [id])
  const enrolling = enrol(secret)
  await waiting(1)
  const granting = grant(url)
  await Promise.race([granting, waiting(2)])
  await release()

  const [token] = [done(await enrolling).data['secret'] as string, done(await granting)]

  t.equal((await ask('GET', '/v1/me', { token })).statusCode, 401)
})

t.test('whoever has sealed themselves and lost the last device is recovered too', async (t) => {
  const { house, ask, icog, first, second, union, request, grant, enrol } = await world(t)
  const lift = (token: string) => ask('POST', `${union.url}/seal/liftings`, { token })
  done(await ask('PUT', `${union.url}/seal`, { token: union.token }))

  const { url } = done(await request()).data as { url: string }
  const { secret } = done(await grant(url)).data as { secret: string }
  const token = done(await enrol(secret)).data['secret']

  t.match((await lift(token)).data, { status: 'lifting' })
  // Who gave that token to somebody, or took it, does not agree with them.
  for (const recoverer of [first, second])
    t.match((await lift(recoverer.token)).data, { status: 409, code: 'recoverer_may_not_lift' })
  const third = await seat(house, icog, { office: 'coordinator' })
  t.match((await lift(third.token)).data, { status: 'lifted' })
})
