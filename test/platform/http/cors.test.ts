import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chromium, type Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openHouse } from '../../harness.ts'

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const listed = 'https://app.example.org'
const preflight = {
  origin: listed,
  'access-control-request-method': 'PATCH',
  'access-control-request-headers': 'authorization,if-match',
}

t.test(
  'a CORS preflight of a listed origin is answered without a token, also when the quota is used up',
  async (t) => {
    const settings = { CORS_ORIGINS: `${listed}, http://localhost:8080`, ANONYMOUS_REQUESTS_PER_MINUTE: '1' }
    const { app } = await openHouse(t, { settings })
    const url = '/v1/organisations/0192f1c0-0000-7000-8000-00000000dead'

    const answers = []
    for (let asked = 0; asked < 3; asked += 1)
      answers.push(await app.inject({ method: 'OPTIONS', url, headers: preflight }))

    for (const { statusCode, headers, body } of answers) {
      t.equal(statusCode, 204)
      t.equal(body, '')
      t.match(headers, {
        'access-control-allow-origin': listed,
        'access-control-allow-methods': 'GET, HEAD, PATCH',
        'access-control-allow-headers': /Authorization.*If-Match/,
        'access-control-max-age': '7200',
        vary: /Origin/,
      })
      t.notOk('access-control-allow-credentials' in headers)
    }
  },
)

t.test('OPTIONS without a preflight answers 405, and 404 at an unknown address', async (t) => {
  const { app } = await openHouse(t, { settings: { CORS_ORIGINS: listed } })
  const ask = async (url: string, headers: Record<string, string>) =>
    (await app.inject({ method: 'OPTIONS', url, headers })).statusCode

  t.equal(await ask('/v1/nothing', preflight), 404)
  t.equal(await ask('/v1/me', { origin: listed }), 405)
  t.equal(await ask('/v1/me', { ...preflight, origin: 'https://other.example.org' }), 405)
  t.equal(await ask('/v1/me', preflight), 204)
})

t.test('pages of listed origins can read errors too, and every answer varies by Origin', async (t) => {
  const { app } = await openHouse(t, { settings: { CORS_ORIGINS: listed } })
  const ask = (url: string, headers: Record<string, string>) => app.inject({ url, headers })

  const refused = await ask('/v1/me', { origin: listed })
  const missing = await ask('/v1/nothing', { origin: listed })
  const open = await ask('/v1/organisations', {})
  const other = await ask('/v1/organisations', { origin: `${listed}.evil.example` })

  t.match([refused.statusCode, missing.statusCode], [401, 404])
  for (const { headers } of [refused, missing]) {
    t.match(headers, {
      'access-control-allow-origin': listed,
      'access-control-expose-headers': /WWW-Authenticate/,
    })
  }
  t.match(open.headers.vary, /authorization, Origin/)
  t.notOk('access-control-allow-origin' in other.headers)
})

t.test('without CORS_ORIGINS no other origin gets CORS headers', async (t) => {
  const { app } = await openHouse(t)

  const { statusCode } = await app.inject({ method: 'OPTIONS', url: '/v1/me', headers: preflight })
  const { headers } = await app.inject({ url: '/v1/organisations', headers: { origin: listed } })

  t.equal(statusCode, 405)
  t.notOk(Object.keys(headers).some((name) => name.startsWith('access-control-')))
  t.notMatch(headers.vary, /Origin/)
})

t.test(
  'in a browser a page of a listed origin can write, and a page of another origin cannot read',
  async (t) => {
    const [listedPage, otherPage] = [await originOf(t), await originOf(t)]
    const house = await openHouse(t, { settings: { CORS_ORIGINS: listedPage } })
    const url = await house.app.listen({ host: '127.0.0.1', port: 0 })
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    t.teardown(() => browser.close())
    const page = await browser.newPage()

    await page.goto(listedPage)
    const registered = await register(page, url)
    const refused = await fetchIn(page, `${url}/v1/me`, { headers: { authorization: 'Bearer wrong' } })
    await page.goto(otherPage)
    const blocked = await register(page, url)
    const unread = await fetchIn(page, `${url}/v1/organisations`, {})

    t.match(registered, { status: 201, location: /^\/v1\/organisations\//, requestId: /./ })
    t.match(refused, { status: 401 })
    t.match([blocked, unread], [{ failed: /Failed to fetch/ }, { failed: /Failed to fetch/ }])
  },
)

/** A separate origin with an empty page. */
async function originOf(t: Test): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title>')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const register = (page: Page, url: string) =>
  fetchIn(page, `${url}/v1/organisations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({
      kind: 'union',
      name: 'Port workers',
      country: 'DE',
      secretary: { displayName: 'Vesna' },
    }),
  })

const fetchIn = (page: Page, url: string, init: object) =>
  page.evaluate(
    ([target, options]) =>
      fetch(target, options).then(
        ({ status, headers }) => ({
          status,
          location: headers.get('location'),
          requestId: headers.get('request-id'),
        }),
        (error: unknown) => ({ failed: String(error) }),
      ),
    [url, init] as const,
  )
