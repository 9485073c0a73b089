import t from 'tap'
import { allScopes } from '../../src/platform/access.ts'
import { absentId, ledgerOf, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { tokenWorld as world } from '../fixtures/tokens.ts'

t.test('an enrolment link gives one token and works once', async (t) => {
  const { house, union, link, enrol, meWith } = await world(t)
  const made = await link(union.token, union.delegateId, { days: 3 })

  const first = await enrol(made.data.secret)
  const second = await enrol(made.data.secret)

  t.equal(made.statusCode, 201, made.body)
  t.match(made.data, { secret: /^spe_[\w-]{43}$/, expiresAt: '2026-03-05T10:00:00.000Z' })
  t.equal(first.statusCode, 201, first.body)
  t.match(first.data, { scopes: [...allScopes()], delegateUrl: `/v1/delegates/${union.delegateId}` })
  t.equal((await meWith(first.data.secret)).data.delegate.id, union.delegateId)
  t.match(second.data, { status: 410, code: 'enrolment_link_gone' })
  t.match(await ledgerOf(house, made.data.id), [{ type: 'enrolment_link.created' }])
  t.match((await ledgerOf(house, made.data.id)).at(-1), {
    type: 'enrolment_link.used',
    actor_kind: 'anonymous',
    details: { delegateId: union.delegateId, tokenId: first.data.id },
  })
  t.match(await ledgerOf(house, first.data.id), [{ type: 'token.minted', details: { kind: 'delegate' } }])
})

t.test('of concurrent uses of one enrolment link, exactly one gets a token', async (t) => {
  const { house, union, link, enrol } = await world(t)
  const { secret } = (await link(union.token, union.delegateId)).data

  const answers = await Promise.all(Array.from({ length: 10 }, () => enrol(secret)))

  t.same(answers.map(({ statusCode }) => statusCode).sort(), [201, ...Array<number>(9).fill(410)])
  const { rows } = await house.database.read.$client.query(
    "select count(*)::int as n from tokens where label = 'phone'",
  )
  t.same(rows, [{ n: 1 }])
})

t.test('a used, expired, revoked or unknown enrolment link gives the same error', async (t) => {
  const { union, ask, link, enrol, travelTo } = await world(t)
  const [spent, expired, revoked] = await Promise.all(
    [1, 1, 30].map(async (days) => (await link(union.token, union.delegateId, { days })).data),
  )
  await enrol(spent?.secret)
  const revoke = () => ask('DELETE', `/v1/enrolment-links/${revoked?.id}`, { token: union.token })
  t.same([(await revoke()).statusCode, (await revoke()).statusCode], [204, 204])
  travelTo('2026-03-03T10:00:00.000Z')

  const answers = await Promise.all(
    [spent?.secret, expired?.secret, revoked?.secret, `spe_${'x'.repeat(43)}`].map((secret) => enrol(secret)),
  )

  for (const answer of answers) {
    t.equal(answer.statusCode, 410)
    t.same(plainly(answer), plainly(answers[0] as (typeof answers)[0]))
  }
  t.match((await enrol('spe_short')).data, { status: 422, errors: [{ pointer: '/secret' }] })
})

t.test('only the delegate and their administrators can create and revoke enrolment links', async (t) => {
  const { house, ask, union, link } = await world(t)
  const mara = await seat(house, union, { office: 'observer' })
  const chair = await seat(house, union, { office: 'chair' })
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const { data } = await link(union.token, mara.delegateId)
  const revoke = (token: string | undefined, id = data.id) =>
    ask('DELETE', `/v1/enrolment-links/${id}`, { token })

  t.equal((await link(undefined, mara.delegateId)).statusCode, 401)
  t.equal(
    (await link(mara.token, chair.delegateId)).statusCode,
    403,
    'a colleague cannot create a link for another person',
  )
  const hidden = await link(stranger.token, mara.delegateId)
  t.same(plainly(hidden), plainly(await link(stranger.token, absentId)))
  t.equal(hidden.statusCode, 404)
  t.equal((await link(mara.token, mara.delegateId)).statusCode, 201, 'for their own second device')
  const foreign = (await link(union.token, chair.delegateId)).data.id
  t.equal((await revoke(undefined)).statusCode, 401)
  t.match((await revoke(mara.token, foreign)).data, { status: 404, code: 'enrolment_link_not_found' })
  const notThere = await revoke(stranger.token)
  t.match([notThere.statusCode, notThere.data.code], [404, 'enrolment_link_not_found'])
  t.same(plainly(notThere), plainly(await revoke(stranger.token, absentId)))
  t.equal((await revoke(mara.token)).statusCode, 204)
  t.match((await ledgerOf(house, data.id)).at(-1), {
    type: 'enrolment_link.revoked',
    actor_id: mara.delegateId,
  })
})

t.test('an enrolment link gives no scope that the token which created it lacks', async (t) => {
  const { house, ask, union, mint, link, enrol } = await world(t)
  const mara = await seat(house, union, { office: 'delegate' })
  const narrow = (await mint(union.token, { scopes: ['delegates:read', 'delegates:write'] })).data.secret

  const made = await link(narrow, mara.delegateId)
  const enrolled = await enrol(made.data.secret)

  t.same(enrolled.data.scopes, ['delegates:read', 'delegates:write'])
  const beyond = await ask('GET', '/v1/pacts', { token: enrolled.data.secret })
  t.match(beyond.data, { status: 403, detail: /pacts:read/ })
})
