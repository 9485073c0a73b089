import t, { type Test } from 'tap'
import { changeDelegate } from '../../src/delegates/actions.ts'
import { createEnrolmentLink, revokeEnrolmentLink } from '../../src/delegates/tokens/enrolments.ts'
import { contextOf, refused } from '../fixtures/contexts.ts'
import {
  absentId,
  enrol,
  ledgerOf,
  move,
  openCoordination,
  plainly,
  registerUnion,
  seat,
} from '../fixtures/unions.ts'
import { offerLink, pactIn, world as movement } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const create = (token: string | undefined, body: object) =>
    house.ask('POST', '/v1/delegates', {
      token,
      body: { organisationId: union.id, displayName: 'Mara', ...body },
    })
  return { house, ...house, union, create }
}

t.test('a secretary adds a delegate under a name that can be a pseudonym', async (t) => {
  const { house, ask, union, create } = await world(t)

  const created = await create(union.token, { languages: ['be', 'pl'] })

  t.equal(created.statusCode, 201, created.body)
  t.match(created.data, { displayName: 'Mara', pseudonym: true, languages: ['be', 'pl'], version: 1 })
  t.match(created.data.organisation, { id: union.id, name: union.name, url: union.url })
  t.equal(created.headers.location, created.data.url)
  t.same((await ask('GET', created.data.url, { token: union.token })).data, created.data)
  const told = await ledgerOf(house, created.data.id)
  t.match(told, [{ type: 'delegate.created', mandate_id: union.mandateId }])
  t.notMatch(JSON.stringify(told), 'Mara', 'the ledger contains no names')
})

t.test('a delegate and the secretary of their organisation can change the delegate’s name', async (t) => {
  const { house, ask, askFresh, union, create } = await world(t)
  const { url, id } = (await create(union.token, {})).data
  const own = await enrol(house, union, id)

  const renamed = await askFresh('PATCH', url, {
    token: own,
    body: { displayName: 'Vesna', languages: ['ru'] },
  })
  const again = await askFresh('PATCH', url, { token: union.token, body: { pseudonym: false } })
  const stale = await ask('PATCH', url, {
    token: own,
    body: { displayName: 'Late' },
    headers: { 'if-match': String(renamed.headers.etag) },
  })

  t.match(renamed.data, { displayName: 'Vesna', pseudonym: true, languages: ['ru'], version: 2 })
  t.match(again.data, { displayName: 'Vesna', pseudonym: false, languages: ['ru'], version: 3 })
  t.match(stale.data, { status: 412, code: 'stale_version' })
  t.match((await ledgerOf(house, id)).slice(-2), [
    { type: 'delegate.changed', actor_id: id, details: { fields: ['displayName', 'languages'] } },
    { type: 'delegate.changed', actor_id: union.delegateId, mandate_id: union.mandateId },
  ])
})

t.test(
  'delegates are visible to holders of a mandate in the same organisation, and all of them to its administrators',
  async (t) => {
    const { house, ask, union, create } = await world(t)
    const { icog, first } = await openCoordination(house)
    const mara = await seat(house, union, { office: 'delegate' })
    const stranger = await registerUnion(house, { name: 'Stranger' })
    const silent = (await create(union.token, {})).data
    const list = async (token: string, query = '') =>
      (await ask('GET', `/v1/delegates${query}`, { token })).data.data.map(({ id }: { id: string }) => id)

    t.same(await list(mara.token), [union.delegateId, mara.delegateId].sort())
    t.same(
      await list(union.token, `?organisationId=${union.id}`),
      [union.delegateId, mara.delegateId, silent.id].sort(),
    )
    t.same(await list(union.token, `?organisationId=${icog.id}`), [])
    t.same(await list(stranger.token), [stranger.delegateId])
    for (const token of [stranger.token, icog.token, first.token, mara.token]) {
      const hidden = await ask('GET', silent.url, { token })
      t.equal(hidden.statusCode, 404)
      t.same(plainly(hidden), plainly(await ask('GET', `/v1/delegates/${absentId}`, { token })))
      const changed = await ask('PATCH', silent.url, { token, body: {}, headers: { 'if-match': '*' } })
      t.same(plainly(changed), plainly(hidden))
    }
    t.equal((await ask('GET', silent.url)).statusCode, 401)
    t.equal((await ask('GET', '/v1/delegates')).statusCode, 401)
    t.equal(
      (await ask('GET', silent.url, { token: house.operatorToken })).statusCode,
      403,
      'not even by the operator',
    )
  },
)

t.test('a delegate whose mandate has ended is no longer visible to colleagues', async (t) => {
  const { house, ask, askFresh, union } = await world(t)
  const mara = await seat(house, union, { office: 'delegate' })
  const colleague = await seat(house, union, { office: 'observer' })
  const asks = async (token: string) =>
    Promise.all(
      [`/v1/delegates/${mara.delegateId}`, `/v1/mandates/${mara.mandateId}`].map(
        async (url) => (await ask('GET', url, { token })).statusCode,
      ),
    )
  const listed = async (token: string) => (await ask('GET', `${union.url}/mandates`, { token })).body
  t.same(await asks(colleague.token), [200, 200])
  t.match(await listed(colleague.token), mara.mandateId)

  const recalled = await askFresh('POST', `/v1/mandates/${mara.mandateId}/transitions`, {
    token: union.token,
    body: { move: 'recall' },
  })

  t.equal(recalled.statusCode, 200, recalled.body)
  t.same(await asks(colleague.token), [404, 404])
  t.notMatch(await listed(colleague.token), mara.mandateId)
  t.notMatch((await ask('GET', '/v1/delegates', { token: colleague.token })).body, mara.delegateId)
  t.same(await asks(mara.token), [200, 200], 'a person still reads their own past')
  t.same(await asks(union.token), [200, 200], 'administrators still read past mandates')
  t.match(await listed(union.token), mara.mandateId)
})

t.test('a secretary who is recalled during the request cannot change or enrol a delegate', async (t) => {
  const { house, ask, union } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })
  const mara = await seat(house, union, { office: 'delegate' })
  const link = await ask('POST', `/v1/delegates/${mara.delegateId}/enrolment-links`, {
    token: chair.token,
    body: {},
  })
  const context = await contextOf(house, chair.token)
  await move(house, `/v1/mandates/${chair.mandateId}`, union.token, 'recall')

  const late = { status: 403, code: 'forbidden' }
  await refused(t, late, changeDelegate(context, mara.delegateId, {}, { displayName: 'Late' }))
  await refused(t, late, createEnrolmentLink(context, mara.delegateId, {}))
  await refused(t, late, revokeEnrolmentLink(context, link.data.id))
})

t.test('only administrators can add delegates, and only they and the delegate can change one', async (t) => {
  const { house, ask, union, create } = await world(t)
  const { icog } = await openCoordination(house)
  const mara = await seat(house, union, { office: 'delegate' })
  const stranger = await registerUnion(house, { name: 'Stranger' })

  t.equal((await create(undefined, {})).statusCode, 401)
  t.equal((await create(mara.token, {})).statusCode, 403)
  t.equal((await create(icog.token, {})).statusCode, 403)
  const hidden = await create(stranger.token, {})
  t.match(hidden.data, {
    status: 422,
    errors: [{ pointer: '/organisationId', code: 'unknown_organisation' }],
  })
  t.same(plainly(hidden), plainly(await create(stranger.token, { organisationId: absentId })))
  const colleague = await ask('PATCH', `/v1/delegates/${union.delegateId}`, {
    token: mara.token,
    body: { displayName: 'Not me' },
    headers: { 'if-match': '*' },
  })
  t.match(colleague.data, { status: 403, code: 'forbidden' })
  const faults = await create(union.token, {
    displayName: 'a\u0000b',
    languages: ['xx-1'],
    legalName: 'Ivan',
  })
  t.same(faults.data.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
    '/displayName',
    '/languages/0',
    '/legalName',
  ])
})

t.test('pages of the list of delegates contain each delegate once', async (t) => {
  const { ask, union, create } = await world(t)
  const ids = [union.delegateId]
  for (let n = 0; n < 6; n++) ids.push((await create(union.token, {})).data.id)

  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await ask('GET', `/v1/delegates?limit=2${cursor && `&cursor=${cursor}`}`, {
      token: union.token,
    })
    found.push(...page.data.data.map(({ id }: { id: string }) => id))
    cursor = page.data.nextCursor
  }

  t.same(found, ids.toSorted())
})

t.test('/v1/me shows each kind of caller who they are and what they may do', async (t) => {
  const { house, ask, union } = await world(t)
  const { icog, first } = await openCoordination(house)
  const me = async (token: string | undefined) => ask('GET', '/v1/me', { token })

  t.match((await me(first.token)).data, {
    kind: 'delegate',
    delegate: { id: first.delegateId, name: 'The coordinator', url: `/v1/delegates/${first.delegateId}` },
    organisation: null,
    expiresAt: '2026-04-01T10:00:00.000Z',
    mandates: [
      {
        id: first.mandateId,
        organisation: { id: icog.id, name: 'ICOG' },
        office: 'coordinator',
        powers: ['negotiate', 'sign', 'visit', 'vouch'],
        endsOn: null,
      },
    ],
    pact: null,
  })
  t.same((await me(house.operatorToken)).data, {
    kind: 'operator',
    delegate: null,
    organisation: null,
    scopes: [],
    expiresAt: '2027-03-02T10:00:00.000Z',
    mandates: [],
    pact: null,
    next: null,
  })
  const client = await ask('POST', '/v1/tokens', {
    token: union.token,
    body: { label: 'site', scopes: ['pacts:read'], organisationId: union.id, powers: ['negotiate'] },
  })
  t.match((await me(client.data.secret)).data, {
    kind: 'client',
    delegate: null,
    organisation: { id: union.id },
    scopes: ['pacts:read'],
    mandates: [{ id: null, office: null, powers: ['negotiate'] }],
  })
  t.match((await me(undefined)).data, { status: 401, code: 'unauthenticated' })
  for (const wrong of ['x', `spt_${'x'.repeat(43)}`, `spx_${'x'.repeat(43)}`, 'spt_'.repeat(40)]) {
    t.match((await me(wrong)).data, { status: 401, code: 'unauthenticated' })
  }
  const basic = await ask('GET', '/v1/me', { headers: { authorization: 'Basic eDp5' } })
  t.equal(basic.statusCode, 401)
  const open = await ask('GET', '/v1/organisations', { token: `spt_${'x'.repeat(43)}` })
  t.equal(open.statusCode, 401, 'an invalid token is refused even where none is needed')
})

t.test('/v1/me shows a link holder the offered pact and the invited organisation', async (t) => {
  const house = await movement(t)
  const { committee } = house
  const pactId = await pactIn(house, 'negotiating', { parties: [committee] })
  const { token } = await offerLink(house, pactId)

  const me = await house.ask('GET', '/v1/me', { token })

  t.equal(me.statusCode, 200, me.body)
  t.match(me.data, {
    kind: 'link',
    delegate: null,
    organisation: { id: committee.id, name: committee.name },
    scopes: [],
    mandates: [],
    pact: { id: pactId, url: `/v1/pacts/${pactId}` },
  })
})
