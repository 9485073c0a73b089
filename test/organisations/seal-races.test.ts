/** A secret that is created during a seal is revoked by it or refused. */
import t, { type Test } from 'tap'
import { holdRowLocks } from '../fixtures/row-locks.ts'
import { ledgerOf, registerUnion, seat } from '../fixtures/unions.ts'
import { done } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const { ask, database, ownerUrl } = house
  const union = await registerUnion(house)
  const colleague = await seat(house, union, { office: 'delegate' })
  const seal = () => ask('PUT', `${union.url}/seal`, { token: union.token })
  const mint = (token: string) =>
    ask('POST', '/v1/tokens', { token, body: { label: 'laptop', scopes: ['pacts:read'] } })
  const link = (delegateId: string) =>
    ask('POST', `/v1/delegates/${delegateId}/enrolment-links`, { token: union.token, body: {} })
  const enrol = (secret: string) => ask('POST', '/v1/enrolments', { body: { secret, label: 'phone' } })
  const hold = (rows: string, id: string) =>
    holdRowLocks(t, ownerUrl, `select from ${rows} = $1 for update`, [id])
  /** The holders of valid tokens, and the number of unused links. */
  const left = async () => {
    const { rows } = await database.read.$client.query(
      `select delegate_id as of from tokens where kind = 'delegate' and revoked_at is null
       union all select id from enrolment_links where used_at is null and revoked_at is null`,
    )
    return (rows as { of: string }[]).map(({ of }) => of)
  }
  return { ...house, house, union, colleague, seal, mint, link, enrol, hold, left }
}

t.test('a token that is issued while an organisation is being sealed is revoked by the seal', async (t) => {
  const { house, union, colleague, seal, mint, hold, left } = await world(t)
  const { waiting, release } = await hold('delegates where id', colleague.delegateId)
  const minting = mint(colleague.token)
  await waiting(1)
  const sealing = seal()
  await waiting(2)
  await release()

  const [minted] = [done(await minting).data, done(await sealing)]

  t.same(await left(), [union.delegateId], 'only the token that sealed is valid')
  t.match(await ledgerOf(house, minted['id']), [{ type: 'token.minted' }, { type: 'token.revoked' }])
})

t.test('a token that a link gives while an organisation is being sealed is revoked by it', async (t) => {
  const { house, union, colleague, seal, link, enrol, hold, left } = await world(t)
  const { id, secret } = done(await link(colleague.delegateId)).data as { id: string; secret: string }
  const { waiting, release } = await hold('enrolment_links where id', id)
  const enrolling = enrol(secret)
  await waiting(1)
  const sealing = seal()
  await waiting(2)
  await release()

  const [enrolled] = [done(await enrolling).data, done(await sealing)]

  t.same(await left(), [union.delegateId])
  t.match(await ledgerOf(house, enrolled['id']), [{ type: 'token.minted' }, { type: 'token.revoked' }])
})

t.test('the token that seals an organisation cannot issue tokens during or after the seal', async (t) => {
  const { union, colleague, seal, mint, link, hold, left } = await world(t)
  const { waiting, release } = await hold('tokens where delegate_id', colleague.delegateId)
  const sealing = seal()
  await waiting(1)
  const making = Promise.all([mint(union.token), link(union.delegateId)])
  await Promise.race([making, waiting(3)])
  await release()

  done(await sealing)

  for (const answer of await making) t.match(answer.data, { status: 403, code: 'forbidden' })
  t.same(await left(), [union.delegateId])
})

t.test('an enrolment link that a seal has revoked gives no token', async (t) => {
  const { union, colleague, seal, link, enrol, hold, left } = await world(t)
  const { secret } = done(await link(colleague.delegateId)).data as { secret: string }
  const { waiting, release } = await hold('tokens where delegate_id', colleague.delegateId)
  const sealing = seal()
  await waiting(1)
  const enrolling = enrol(secret)
  await Promise.race([enrolling, waiting(2)])
  await release()

  done(await sealing)

  t.match((await enrolling).data, { status: 410, code: 'enrolment_link_gone' })
  t.same(await left(), [union.delegateId])
})
