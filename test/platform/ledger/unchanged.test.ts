import t, { type Test } from 'tap'
import { type methods } from '../../../src/platform/contract/document.ts'
import { committedContract } from '../../contract-checker.ts'
import { delegateOf } from '../../fixtures/visits.ts'
import { putResources } from '../../fixtures/put-resources.ts'
import { resources } from '../../resources/index.ts'
import type { Patch } from '../../resources/resource.ts'

/** Each PATCH: its resource, the present value, and another value. */
async function changeable(t: Test) {
  const world = await putResources(t)
  const changing: Patch[] = []
  for (const { patch } of resources) if (patch) changing.push(await patch(world))
  return { ...world, changing }
}

const ledgerSize = async (house: Awaited<ReturnType<typeof putResources>>['house']): Promise<number> => {
  const { rows } = await house.database.read.$client.query('select count(*)::int as n from ledger')
  return (rows[0] as { n: number }).n
}

const listed = (method: (typeof methods)[number]): string[] =>
  Object.values(committedContract().paths).flatMap((item) => item[method]?.operationId ?? [])

t.test('a PATCH that changes nothing keeps the version, the ETag and the ledger', async (t) => {
  const { house, ask, changing } = await changeable(t)
  t.same(
    changing.map(({ operationId }) => operationId).sort(),
    listed('patch').sort(),
    'the contract was walked',
  )

  for (const { operationId, url, token, body, other, swapped } of changing) {
    const patch = (sent: object, ifMatch = '*') =>
      ask('PATCH', url, { token, body: sent, headers: { 'if-match': ifMatch } })
    const changed = await patch(body)
    t.equal(changed.statusCode, 200, `${operationId}: ${changed.body}`)
    const { version } = changed.data
    const etag = String(changed.headers.etag)
    const entries = await ledgerSize(house)
    for (const nothing of [{}, body, swapped]) {
      const answer = await patch(nothing, etag)
      t.match(
        [answer.statusCode, answer.data['version'], answer.headers.etag],
        [200, version, etag],
        operationId,
      )
      t.same(answer.data, changed.data)
    }
    t.equal(await ledgerSize(house), entries, 'nothing is recorded')
    const without = await ask('PATCH', url, { token, body: {} })
    t.equal(without.statusCode, 428, 'the version must still be named')
    t.equal((await patch({}, '"999"')).statusCode, 412, 'and fit')
    t.match(
      (await patch(other, etag)).data,
      { ...other, version: version + 1 },
      'what changes something is a change',
    )
    t.equal(await ledgerSize(house), entries + 1)
  }
})

t.test('a PUT that changes nothing keeps the version, the ETag and the ledger', async (t) => {
  const { house, ask, host, things } = await changeable(t)
  const seal = {
    operationId: 'sealOrganisation',
    url: `/v1/organisations/${host.id}/seal`,
    token: host.token,
  }
  const all: typeof things = [...things, seal]
  t.same(all.map(({ operationId }) => operationId).sort(), listed('put').sort(), 'the contract was walked')

  for (const { operationId, url, token, body, other } of all) {
    const put = (sent = body) => ask('PUT', url, { token, ...(sent && { body: sent }) })
    const written = await put()
    t.equal(written.statusCode, 200, `${operationId}: ${written.body}`)
    const entries = await ledgerSize(house)
    house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())
    const again = await put()
    t.same(again.data, written.data, operationId)
    t.equal(again.headers.etag, written.headers.etag)
    t.equal(await ledgerSize(house), entries, 'nothing is recorded')
    if (!other) continue
    t.match((await put(other)).data, { ...other, version: 2 })
    t.equal(await ledgerSize(house), entries + 1)
  }
})

t.test('repeating a consent is a change only if new participants of the other side exist', async (t) => {
  const world = await putResources(t)
  const { house, host, visitor, things, ask, done, nominate, visitId } = world
  const [identity, giving] = ['writeIdentity', 'giveConsent'].map(
    (wanted) => things.find(({ operationId }) => operationId === wanted) as (typeof things)[number],
  ) as [(typeof things)[number], (typeof things)[number]]
  const consent = async () => done(await ask('PUT', giving.url, { token: giving.token })).data
  const laterComes = async (side: typeof host) => {
    house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())
    done(await nominate(visitId, (await delegateOf(house, side)).delegateId, side.token))
    house.travelTo(new Date(house.now().getTime() + 60_000).toISOString())
  }
  done(await ask('PUT', identity.url, { token: identity.token, body: identity.body }))

  const first = await consent()
  await laterComes(visitor)
  t.equal((await consent())['version'], first['version'], 'those of one’s own side are shown nothing')
  await laterComes(host)
  const covering = await consent()
  t.equal(covering['version'], first['version'] + 1)
  t.equal(covering['consentedAt'], house.now().toISOString())
  t.equal((await consent())['version'], covering['version'])
})
