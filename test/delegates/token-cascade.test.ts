/** A secret is revoked with the secret that created it. */
import t from 'tap'
import { elevated } from '../fixtures/second-factor.ts'
import { ledgerOf, openCoordination, registerUnion, seat } from '../fixtures/unions.ts'
import { tokenWorld } from '../fixtures/tokens.ts'
import { done } from '../fixtures/world.ts'

const wide = ['delegates:read', 'delegates:write']

t.test('revoking a token revokes everything that was created with it, and nothing else', async (t) => {
  const { house, ask, union, mint, meWith, link, enrol } = await tokenWorld(t)
  await seat(house, union, { office: 'chair' })
  const minted = async (token: string, asked: object = {}) =>
    done(await mint(token, { scopes: wide, ...asked })).data as { id: string; secret: string }
  const stolen = await minted(union.token)
  const child = await minted(stolen.secret)
  const grandchild = await minted(child.secret)
  const client = await minted(child.secret, { organisationId: union.id })
  const byLink = done(await enrol((await link(child.secret, union.delegateId)).data.secret)).data
  const unused = done(await link(stolen.secret, union.delegateId)).data
  const elsewhere = done(await link(union.token, union.delegateId)).data
  const sibling = await minted(union.token)
  t.equal((await meWith(grandchild.secret)).statusCode, 200)

  t.equal((await ask('DELETE', `/v1/tokens/${stolen.id}`, { token: union.token })).statusCode, 204)

  for (const made of [stolen, child, grandchild, client, byLink]) {
    t.equal((await meWith(made.secret as string)).statusCode, 401)
    t.equal((await ledgerOf(house, made.id as string)).at(-1)?.type, 'token.revoked')
  }
  for (const { id, secret } of [unused, elsewhere]) {
    t.match((await enrol(secret)).data, { status: 410 }, 'the holder of the token may have created any link')
    t.equal((await ledgerOf(house, id)).at(-1)?.type, 'enrolment_link.revoked')
  }
  for (const { secret } of [sibling, { secret: union.token }]) t.equal((await meWith(secret)).statusCode, 200)
})

t.test('a token that another person got through a link survives the link’s creator token', async (t) => {
  const { house, ask, union, mint, meWith, link, enrol } = await tokenWorld(t)
  const mara = await seat(house, union, { office: 'delegate' })
  const { id, secret } = done(await mint(union.token, { scopes: wide })).data
  const taken = done(await enrol((await link(secret, mara.delegateId)).data.secret)).data
  const unused = done(await link(secret, mara.delegateId)).data

  await ask('DELETE', `/v1/tokens/${id}`, { token: union.token })

  t.equal((await meWith(taken.secret)).statusCode, 200)
  t.equal((await enrol(unused.secret)).statusCode, 410)
})

t.test('a token does not outlive the token that issued it, unless a code was given', async (t) => {
  const { house, union, mint, link, enrol, travelTo } = await tokenWorld(t)
  const mara = await seat(house, union, { office: 'delegate' })
  travelTo('2026-03-22T10:00:00.000Z')
  const end = '2026-04-01T10:00:00.000Z'

  t.equal((await mint(mara.token, { scopes: wide, days: 90 })).data.expiresAt, end)
  t.equal((await mint(union.token, { scopes: wide, organisationId: union.id })).data.expiresAt, end)
  const own = await link(mara.token, mara.delegateId, { days: 30 })
  t.equal(own.data.expiresAt, end)
  t.equal((await enrol(own.data.secret)).data.expiresAt, end)
  const bySecretary = await link(union.token, mara.delegateId, { days: 30 })
  t.equal(bySecretary.data.expiresAt, '2026-04-21T10:00:00.000Z')
  t.equal((await enrol(bySecretary.data.secret)).data.expiresAt, '2026-04-21T10:00:00.000Z')
  await elevated(house, mara)
  const renewed = await mint(mara.token, { scopes: wide, days: 60 })
  t.equal(renewed.data.expiresAt, '2026-05-21T10:00:00.000Z')
})

t.test('nothing that is created with a token during its revocation stays valid', async (t) => {
  const { house, ask, union, mint } = await tokenWorld(t)
  const roots: { id: string; secret: string }[] = []
  for (let i = 0; i < 4; i++) roots.push(done(await mint(union.token, { scopes: wide })).data as never)

  await Promise.all(
    roots.flatMap(({ id, secret }) => [
      mint(secret, { scopes: wide }),
      ask('DELETE', `/v1/tokens/${id}`, { token: union.token }),
      ask('POST', `/v1/delegates/${union.delegateId}/enrolment-links`, { token: secret, body: {} }),
    ]),
  )

  const { rows } = await house.database.read.$client.query(
    `select id from tokens where parent_id = any ($1) and revoked_at is null
     union all select id from enrolment_links where made_with_id = any ($1) and revoked_at is null`,
    [roots.map(({ id }) => id)],
  )
  t.same(rows, [])
})

t.test('only the delegate and their administrators can list unused enrolment links', async (t) => {
  const { house, ask, union, link, enrol } = await tokenWorld(t)
  const mara = await seat(house, union, { office: 'delegate' })
  const chair = await seat(house, union, { office: 'chair' })
  const stranger = await registerUnion(house, { name: 'Stranger' })
  const { first } = await openCoordination(house)
  const own = done(await link(mara.token, mara.delegateId)).data
  const given = done(await link(union.token, mara.delegateId)).data
  const used = done(await link(union.token, mara.delegateId)).data
  await enrol(used.secret)
  const listed = (token: string, query = '') => ask('GET', `/v1/enrolment-links${query}`, { token })
  const ids = async (token: string) => (await listed(token)).data.data.map(({ id }: { id: string }) => id)

  const seen = (await listed(mara.token)).data.data as { id: string; by: string }[]
  t.same(
    Object.fromEntries(seen.map(({ id, by }) => [id, by])),
    { [own.id]: 'self', [given.id]: 'administrator' },
    'and not the one that was used',
  )
  t.match(seen[0], { delegate: { id: mara.delegateId, name: 'The delegate' }, expiresAt: given.expiresAt })
  t.notMatch(JSON.stringify(seen), /secret|hash/)
  t.same((await ids(chair.token)).sort(), [own.id, given.id].sort())
  for (const other of [stranger, first]) t.same(await ids(other.token), [])
  const page = await listed(mara.token, '?limit=1')
  t.equal(page.data.data.length, 1)
  t.ok(page.data.nextCursor)

  const recalled = { token: union.token, body: { move: 'recall' } }
  done(await house.askFresh('POST', `/v1/mandates/${mara.mandateId}/transitions`, recalled))
  t.equal((await ask('DELETE', `/v1/enrolment-links/${given.id}`, { token: mara.token })).statusCode, 204)
  t.same(await ids(mara.token), [own.id], 'also for a person without a mandate')
  t.equal((await enrol(given.secret)).statusCode, 410)
})

t.test('the list of tokens shows how each token was issued', async (t) => {
  const { house, ask, union, mint, link, enrol } = await tokenWorld(t)
  const mara = await seat(house, union, { office: 'delegate' })
  await enrol((await link(mara.token, mara.delegateId)).data.secret)
  await mint(mara.token, { scopes: wide })
  const told = async (token: string) =>
    (await ask('GET', '/v1/tokens', { token })).data.data
      .map(({ origin, byAdministrator }: Record<string, unknown>) => `${origin} ${byAdministrator}`)
      .sort() as string[]

  t.same(await told(union.token), ['registration false'])
  t.same(await told(mara.token), ['enrolment false', 'enrolment true', 'minted false'])
  t.ok(house)
})
