/** API clients of an organisation: who gives them powers, who sees and revokes them, and when they are revoked. */
import t from 'tap'
import { jobs } from '../../src/jobs.ts'
import type { Job } from '../../src/platform/jobs/queue.ts'
import { absentId, ledgerOf, plainly, registerUnion, seat } from '../fixtures/unions.ts'
import { tokenWorld as world } from '../fixtures/tokens.ts'

t.test(
  'tokens are visible to their holder, and tokens of API clients to administrators of the organisation',
  async (t) => {
    const { house, ask, union, mint } = await world(t)
    const chair = await seat(house, union, { office: 'chair' })
    const observer = await seat(house, union, { office: 'observer' })
    const stranger = await registerUnion(house, { name: 'Stranger' })
    const own = (await mint(union.token, { scopes: ['pacts:read'] })).data
    const client = (await mint(union.token, { scopes: ['pacts:read'], organisationId: union.id })).data

    for (const [token, sees] of [
      [union.token, [own.id, client.id]],
      [chair.token, [client.id]],
      [observer.token, []],
      [stranger.token, []],
    ] as const) {
      const listed = (await ask('GET', '/v1/tokens', { token })).data.data.map(({ id }: { id: string }) => id)
      for (const { id } of [own, client]) {
        const shown = (sees as readonly string[]).includes(id)
        t.equal(listed.includes(id), shown)
        const read = await ask('GET', `/v1/tokens/${id}`, { token })
        t.equal(read.statusCode, shown ? 200 : 404)
        if (!shown) {
          t.same(plainly(read), plainly(await ask('GET', `/v1/tokens/${absentId}`, { token })))
          t.equal((await ask('DELETE', `/v1/tokens/${id}`, { token })).statusCode, 404)
        }
      }
    }
    t.equal((await ask('GET', '/v1/tokens')).statusCode, 401)
  },
)

t.test('an API client acts with the powers that the secretary gave it', async (t) => {
  const { house, ask, union, mint, meWith } = await world(t)
  const worksite = { employer: 'MTZ', place: 'Minsk', country: 'BY', industry: '2821' }
  const asked = { organisationId: union.id, scopes: ['organisations:read', 'organisations:write'] }
  const work = (token: string) => ask('POST', `${union.url}/worksites`, { token, body: worksite })

  const idle = (await mint(union.token, asked)).data
  const busy = await mint(union.token, { ...asked, powers: ['administer'] })

  t.match(busy.data, {
    kind: 'client',
    powers: ['administer'],
    organisation: { id: union.id, name: union.name },
  })
  t.match(await ledgerOf(house, busy.data.id), [{ type: 'token.minted', mandate_id: union.mandateId }])
  t.equal((await work(idle.secret)).statusCode, 403)
  const worked = await work(busy.data.secret)
  t.equal(worked.statusCode, 201)
  t.match(await ledgerOf(house, worked.data.id), [
    { actor_kind: 'client', actor_id: busy.data.id, mandate_id: null },
  ])
  t.match((await meWith(busy.data.secret)).data, {
    kind: 'client',
    delegate: null,
    organisation: { id: union.id },
    mandates: [{ id: null, office: null, powers: ['administer'] }],
  })
  t.match(
    (await mint(busy.data.secret, { scopes: ['organisations:read'] })).data,
    { status: 403 },
    'and mints nothing',
  )
  const { organisationId: _whose, ...mine } = { ...asked, powers: ['administer'] }
  t.match((await mint(union.token, mine)).data, {
    status: 422,
    errors: [{ pointer: '/powers', code: 'without_organisation' }],
  })
  t.match((await mint(union.token, { ...asked, powers: ['sign'] })).data, {
    status: 422,
    errors: [{ pointer: '/powers/0', code: 'unknown_value' }],
  })
  await ask('DELETE', `/v1/tokens/${busy.data.id}`, { token: union.token })
  t.equal((await work(busy.data.secret)).statusCode, 401)
})

t.test('only an administrator can issue a token for an API client of the organisation', async (t) => {
  const { house, union, mint } = await world(t)
  const observer = await seat(house, union, { office: 'observer' })
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const asked = { organisationId: union.id, scopes: ['organisations:read'] }

  t.equal((await mint(undefined, asked)).statusCode, 401)
  for (const token of [observer.token, stranger.token, house.operatorToken]) {
    t.match((await mint(token, asked)).data, { status: 403, code: 'forbidden' })
  }
  for (const [field, value] of Object.entries({ days: 91, scopes: [], label: '', organisationId: 'x' })) {
    const answer = await mint(union.token, { ...asked, [field]: value })
    t.match(answer.data, { status: 422, errors: [{ pointer: `/${field}` }] })
  }
})

t.test('revoking another token needs a delegate, the scope and, for a client, the power', async (t) => {
  const { house, ask, union, mint, meWith } = await world(t)
  const client = { scopes: ['delegates:read', 'delegates:write'], organisationId: union.id }
  const [site, archive] = [(await mint(union.token, client)).data, (await mint(union.token, client)).data]
  const powerful = (await mint(union.token, { ...client, powers: ['administer'] })).data
  const own = (await mint(union.token, { scopes: ['pacts:read'] })).data
  const narrow = (await mint(union.token, { scopes: ['delegates:read'] })).data
  const chair = await seat(house, union, { office: 'chair' })
  const revoke = (token: string, id: string) => ask('DELETE', `/v1/tokens/${id}`, { token })

  t.match((await revoke(powerful.secret, archive.id)).data, { status: 403, detail: /revoke only itself/ })
  t.match((await revoke(narrow.secret, own.id)).data, { status: 403, detail: /delegates:write/ })
  t.match((await revoke(narrow.secret, site.id)).data, { status: 403, detail: /delegates:write/ })
  t.equal((await revoke(site.secret, archive.id)).statusCode, 404, 'without the power it is hidden')
  for (const { secret } of [own, site, archive]) t.equal((await meWith(secret)).statusCode, 200)
  t.equal((await revoke(chair.token, site.id)).statusCode, 204)
  t.equal((await meWith(site.secret)).statusCode, 401)
  t.match((await ledgerOf(house, site.id)).at(-1), {
    type: 'token.revoked',
    actor_id: chair.delegateId,
    mandate_id: chair.mandateId,
  })
})

t.test('API clients and unused links of a recalled administrator are revoked', async (t) => {
  const { house, ask, askFresh, union, mint, link, enrol, meWith } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })
  const mara = await seat(house, union, { office: 'delegate' })
  const asked = { scopes: ['organisations:read'], organisationId: union.id, powers: ['administer'] }
  const theirs = (await mint(chair.token, asked)).data
  const remaining = (await mint(union.token, asked)).data
  const forMara = (await link(chair.token, mara.delegateId)).data
  const forThemselves = (await link(chair.token, chair.delegateId)).data
  const another = (await link(union.token, mara.delegateId)).data
  const used = (await enrol((await link(chair.token, mara.delegateId)).data.secret)).data

  const recalled = await askFresh('POST', `/v1/mandates/${chair.mandateId}/transitions`, {
    token: union.token,
    body: { move: 'recall' },
  })

  t.equal(recalled.statusCode, 200, recalled.body)
  t.equal((await meWith(theirs.secret)).statusCode, 401)
  t.equal((await enrol(forMara.secret)).statusCode, 410)
  t.equal((await meWith(remaining.secret)).statusCode, 200, 'a client that another person issued stays valid')
  t.equal((await enrol(another.secret)).statusCode, 201)
  t.equal((await enrol(forThemselves.secret)).statusCode, 201, 'links to oneself stay valid')
  t.equal((await meWith(used.secret)).statusCode, 200, 'the token that Mara got stays valid')
  const details = { endedMandateId: chair.mandateId }
  for (const [id, type] of [
    [theirs.id, 'token.revoked'],
    [forMara.id, 'enrolment_link.revoked'],
  ]) {
    t.match((await ledgerOf(house, id)).at(-1), { type, mandate_id: union.mandateId, details })
  }
  const shown = await ask('GET', `/v1/tokens/${theirs.id}`, { token: union.token })
  t.ok(shown.data.revokedAt, 'the remaining administrators see it')
})

t.test('API clients are revoked with the last administrator mandate of their creator', async (t) => {
  const { house, askFresh, union, mint, meWith, travelTo, run } = await world(t)
  const expiry = jobs.find((job) => job.name === 'mandates.expire') as Job
  const chair = await seat(house, union, { office: 'chair', endsOn: '2026-03-10' })
  const given = await house.ask('POST', `${union.url}/mandates`, {
    token: union.token,
    body: { delegateId: chair.delegateId, office: 'secretary', endsOn: '2026-03-05' },
  })
  const { secret } = (await mint(chair.token, { scopes: ['pacts:read'], organisationId: union.id, days: 90 }))
    .data

  await askFresh('POST', `${given.data.url}/transitions`, { token: union.token, body: { move: 'recall' } })
  t.equal((await meWith(secret)).statusCode, 200, 'the other mandate still supports it')
  travelTo('2026-03-11T00:00:00.000Z')
  await run(expiry)
  t.equal((await meWith(secret)).statusCode, 401)
})
