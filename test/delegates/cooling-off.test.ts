/** A token from an administrator's link cannot delete anything for 48 hours, if the person had another token before. */
import t, { type Test } from 'tap'
import { codeOf, elevated, begun } from '../fixtures/second-factor.ts'
import { enrol, registerUnion, seat } from '../fixtures/unions.ts'
import { done, instantAfter } from '../fixtures/world.ts'
import { openHouse } from '../harness.ts'

async function world(t: Test) {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const mara = await elevated(house, await seat(house, union, { office: 'delegate' }))
  const identity = `/v1/delegates/${mara.delegateId}/identity`
  done(await house.ask('PUT', identity, { token: mara.token, body: { legalName: 'Mara Example' } }))
  const erase = (token: string, { delegateId } = mara) =>
    house.ask('DELETE', `/v1/delegates/${delegateId}`, { token, headers: { 'if-match': '*' } })
  const removeFactor = (token: string) => house.ask('DELETE', '/v1/me/second-factor', { token })
  /** A minute later, with a link that the union created. */
  const takenByUnion = async () => {
    house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())
    return enrol(house, union, mara.delegateId)
  }
  const codesOf = ({ statusCode, data }: { statusCode: number; data: Record<string, unknown> }) =>
    [statusCode, data['code']] as const
  return { house, ...house, union, mara, erase, removeFactor, takenByUnion, codesOf }
}

t.test('a token issued by an administrator cannot erase a member', async (t) => {
  const { house, ask, mara, erase, removeFactor, takenByUnion, codesOf, travelTo } = await world(t)
  const stolen = await takenByUnion()
  const narrow = { label: 'laptop', scopes: ['delegates:write', 'delegates:read'] }
  const minted = done(await ask('POST', '/v1/tokens', { token: stolen, body: narrow })).data['secret']

  for (const token of [stolen, minted]) {
    t.same(codesOf(await removeFactor(token)), [403, 'token_too_new'])
    t.equal((await erase(token)).statusCode, 403, 'a code of the second factor is needed')
  }
  const mandates = done(await ask('GET', '/v1/me', { token: mara.token })).data['mandates']
  t.equal(mandates.length, 1, 'nothing was changed')

  travelTo(instantAfter(house, 2))
  t.equal((await removeFactor(stolen)).statusCode, 204, 'after 48 hours it is allowed')
  t.equal((await erase(stolen)).statusCode, 204)
})

t.test('a token issued by an administrator cannot erase a member without a second factor', async (t) => {
  const { mara, erase, removeFactor, takenByUnion, codesOf } = await world(t)
  done(await removeFactor(mara.token))
  const stolen = await takenByUnion()

  t.same(codesOf(await erase(stolen)), [403, 'token_too_new'])
  t.equal((await erase(mara.token)).statusCode, 204, 'their own does')
})

t.test('an administrator cannot erase a member whose tokens were revoked in the last 30 days', async (t) => {
  const { house, ask, union, mara, erase, travelTo } = await world(t)
  const chair = await seat(house, union, { office: 'chair' })
  const { data: own } = done(await ask('GET', '/v1/tokens', { token: mara.token })).data
  for (const { id } of own) done(await ask('DELETE', `/v1/tokens/${id}`, { token: mara.token }))

  const refused = await erase(union.token)
  t.match([refused.statusCode, refused.data['detail']], [403, /in the last 30 days/])

  travelTo(instantAfter(house, 29))
  // With a colleague's link, because a token from a link to oneself is revoked with the token that created it.
  const later = await enrol(house, { ...union, token: chair.token }, union.delegateId)
  travelTo(instantAfter(house, 2))
  t.equal((await erase(later)).statusCode, 204, 'a person without a token for 30 days can be erased')
})

t.test('a first token, and a token that the person issued, can erase the person immediately', async (t) => {
  const { house, ask, union, erase } = await world(t)
  const vesna = await seat(house, union, { office: 'delegate' })
  const secret = await begun(house, vesna)
  const code = codeOf(secret, house.now())
  done(await ask('POST', '/v1/me/elevations', { token: vesna.token, body: { code } }))

  t.equal((await erase(vesna.token, vesna)).statusCode, 204)
})
