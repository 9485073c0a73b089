import t from 'tap'
import { offerLink, pactIn } from '../fixtures/world.ts'
import { visitWorld } from '../fixtures/visits.ts'
import type { Answer } from '../harness.ts'

const calls = 100

/** Requests that succeed only with a valid mandate or a valid link. */
const closed = ['/v1/pacts', '/v1/visits', '/v1/offer-links']

async function good(ask: (path: string) => Promise<Answer>, paths = closed): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: calls }, (_, i) => ask(paths[i % paths.length] ?? '')),
  )
  return answers.filter(
    ({ statusCode, data }) => statusCode < 300 && (data['data'] as unknown[] | undefined)?.length !== 0,
  ).length
}

t.test('none of 100 requests with a token that was just revoked succeeds', async (t) => {
  const { ask, host, propose } = await visitWorld(t)
  await propose()
  const body = { label: 'phone', scopes: ['pacts:read', 'visits:read'] }
  const { id, secret } = (await ask('POST', '/v1/tokens', { token: host.token, body })).data
  const asking = (path: string) => ask('GET', path, { token: secret })
  t.equal(await good(asking, ['/v1/pacts', '/v1/visits']), calls, 'before the revocation all succeed')

  await ask('DELETE', `/v1/tokens/${id}`, { token: host.token })

  t.equal(await good(asking, ['/v1/pacts', '/v1/visits']), 0)
})

t.test(
  'a suspension immediately refuses secretaries, delegates and API clients, and shows them nothing of the organisation',
  async (t) => {
    const house = await visitWorld(t)
    const { ask, host, propose } = house
    await propose()
    const client = { label: 'bridge', scopes: ['pacts:read', 'visits:read'], organisationId: host.id }
    const bridge = (await ask('POST', '/v1/tokens', { token: host.token, body: client })).data[
      'secret'
    ] as string
    const paths = ['/v1/pacts', '/v1/visits']
    for (const token of [host.token, bridge])
      t.equal(await good((path) => ask('GET', path, { token }), paths), calls, 'before, all of them succeed')

    await house.suspend(host)

    for (const token of [host.token, bridge])
      t.equal(await good((path) => ask('GET', path, { token }), paths), 0)
  },
)

t.test('none of 100 requests with an offer link that was just revoked succeeds', async (t) => {
  const house = await visitWorld(t)
  const pactId = await pactIn(house.house, 'negotiating', { parties: [house.committee] })
  const link = await offerLink(house.house, pactId)
  const asking = () => house.ask('GET', `/v1/pacts/${pactId}`, { token: link.token })
  t.equal(await good(asking), calls, 'before the revocation all succeed')

  await house.ask('DELETE', `/v1/offer-links/${link.id}`, { token: house.icog.token })

  t.equal(await good(asking), 0)
})
