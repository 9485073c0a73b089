/** What a recovery revokes, and what the token that it gives can do. */
import t from 'tap'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { elevated } from '../fixtures/second-factor.ts'
import { ledgerOf, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { recoveryWorld as world } from '../fixtures/recoveries.ts'

t.test('a repeated grant of a recovery with the same Idempotency-Key returns the same link', async (t) => {
  const { house, ask, union, other, second, request, enrol } = await world(t)
  const { url } = done(await request()).data as { url: string }
  const headers = { 'idempotency-key': 'the-answer-was-lost' }
  const grant = ({ token }: { token: string }) => ask('POST', `${url}/grants`, { token, headers })

  const [granted, again] = [done(await grant(second)).data, done(await grant(second))]

  t.same(again.data, granted)
  t.equal(again.headers['idempotency-replayed'], 'true')
  const third = await elevated(house, await seat(house, other, { office: 'coordinator' }))
  t.match(
    (await grant(third)).data,
    { code: 'recovery_closed' },
    'another request does not get the stored response',
  )
  const { rows } = await house.database.read.$client.query(
    'select id from enrolment_links where delegate_id = $1',
    [union.delegateId],
  )
  t.same(rows, [{ id: granted['enrolmentLinkId'] }])
  t.equal((await enrol(granted['secret'])).statusCode, 201)
})

t.test('a token from a recovery is listed as such, and not as one from an administrator', async (t) => {
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
  t.match(erased.data, { status: 403, code: 'token_too_new' }, 'it cannot erase anybody immediately')
})

t.test('a granted recovery revokes all earlier tokens and links of the person', async (t) => {
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

t.test('a token that is taken with an older link during the grant of a recovery is revoked', async (t) => {
  const { house, ask, union, request, grant, enrol } = await world(t)
  const chair = await seat(house, union, { office: 'chair', powers: ['administer'] })
  const path = `/v1/delegates/${union.delegateId}/enrolment-links`
  const { id, secret } = done(await ask('POST', path, { token: chair.token, body: {} })).data
  const { url } = done(await request()).data as { url: string }
  const row = 'select from enrolment_links where id = $1 for update'
  const { waiting, release } = await holdRowLocks(t, house.ownerUrl, row, [id])
  const enrolling = enrol(secret)
  await waiting(1)
  const granting = grant(url)
  await Promise.race([granting, waiting(2)])
  await release()

  const [token] = [done(await enrolling).data['secret'] as string, done(await granting)]

  t.equal((await ask('GET', '/v1/me', { token })).statusCode, 401)
})

t.test('a secretary who sealed the organisation and lost the last device can be recovered', async (t) => {
  const { house, ask, icog, first, second, union, request, grant, enrol } = await world(t)
  const lift = (token: string) => ask('POST', `${union.url}/seal/liftings`, { token })
  done(await ask('PUT', `${union.url}/seal`, { token: union.token }))

  const { url } = done(await request()).data as { url: string }
  const { secret } = done(await grant(url)).data as { secret: string }
  const token = done(await enrol(secret)).data['secret']

  t.match((await lift(token)).data, { status: 'lifting' })
  // A person who took part in giving that token cannot approve for its holder.
  for (const recoverer of [first, second])
    t.match((await lift(recoverer.token)).data, { status: 409, code: 'recoverer_may_not_lift' })
  const third = await seat(house, icog, { office: 'coordinator' })
  t.match((await lift(third.token)).data, { status: 'lifted' })
})
