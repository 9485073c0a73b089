/** Each coordination can have one open recovery for a person, which those who see it can cancel. */
import t from 'tap'
import { elevated } from '../fixtures/second-factor.ts'
import { absentId, ledgerOf, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import type { Answer } from '../harness.ts'
import { recoveryWorld as world } from '../fixtures/recoveries.ts'

t.test('a coordination can have one open recovery for a person at a time', async (t) => {
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

  t.equal((await request()).statusCode, 201, 'the last request expired')
  t.match((await ask('GET', others.url, { token: first.token })).data, { status: 'lapsed' })
})

t.test('a coordinator, the person and an administrator can cancel a recovery', async (t) => {
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

t.test('cancelling a granted recovery revokes its link, and changes no recovery that is over', async (t) => {
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
