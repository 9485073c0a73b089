import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { holdRowLocks } from '../../fixtures/row-locks.ts'
import { openHouse } from '../../harness.ts'

const origin = 'https://app.example.org'

/** A service that works on one request at a time. */
async function smallHouse(t: Test) {
  const house = await openHouse(t, {
    settings: {
      REQUESTS_IN_PROGRESS_MAX: '1',
      ANONYMOUS_REQUESTS_PER_MINUTE: '10',
      CORS_ORIGINS: origin,
    },
  })
  await house.app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(house.app.server.address() as AddressInfo).port}`
  return { house, url }
}

t.test('requests beyond what the service can work on get 503 at once and use no quota', async (t) => {
  const { house, url } = await smallHouse(t)
  const locks = await holdRowLocks(t, house.ownerUrl, 'lock table organisations', [])
  const first = fetch(`${url}/v1/organisations`)
  await locks.waiting(1)

  const refused = await fetch(`${url}/v1/organisations?limit=1`, { headers: { origin } })
  const posted = await fetch(`${url}/v1/organisations`, { method: 'POST', body: '{"kind":"union"}' })
  const probe = await fetch(`${url}/livez`)
  const urgent = await fetch(`${url}/v1/me`)
  const leaving = request(`${url}/v1/organisations`, { headers: { connection: 'close' } }).end()
  const [closed] = (await once(leaving, 'response')) as [IncomingMessage]
  await locks.release()

  t.equal(refused.status, 503)
  t.match(refused.headers.get('retry-after'), /^[1-5]$/)
  t.match(refused.headers.get('content-type'), 'application/problem+json')
  t.equal(refused.headers.get('access-control-allow-origin'), origin)
  t.match(await refused.json(), { status: 503, code: 'overloaded', instance: '/v1/organisations' })
  t.equal(posted.status, 503)
  t.equal(refused.headers.get('connection'), 'keep-alive')
  t.equal(closed.statusCode, 503)
  t.equal(closed.headers.connection, 'close', 'a client that leaves keeps no connection')
  t.equal(probe.status, 200, 'probes are answered')
  t.equal(urgent.status, 401, 'urgent operations are considered')
  t.equal((await first).status, 200, 'what had begun is finished')
  const quiet = await fetch(`${url}/v1/organisations`)
  t.equal(quiet.status, 200)
  t.match(quiet.headers.get('ratelimit'), '"anonymous";r=7', 'three of ten were counted')
})

t.test('a request whose body arrives slowly does not keep others out', async (t) => {
  const { url } = await smallHouse(t)
  const headers = { 'content-type': 'application/json', 'content-length': 100, expect: '100-continue' }
  const slow = request(`${url}/v1/organisations`, { method: 'POST', headers })
  slow.on('error', () => undefined)
  slow.flushHeaders()
  await once(slow, 'continue')

  t.equal((await fetch(`${url}/v1/organisations`)).status, 200)
  slow.destroy()
})
