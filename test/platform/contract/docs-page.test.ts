import Fastify from 'fastify'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { registerDocs } from '../../../src/platform/contract/docs-page.ts'
import { committedContract } from '../../contract-checker.ts'
import { openBrowser, withoutBrowser } from '../../fixtures/browser.ts'
import { smallApp } from '../../fixtures/small-app.ts'

t.test('the docs page forbids loading anything from other hosts', async (t) => {
  const app = await documentedApp(t)

  const page = await app.inject('/docs')

  const policy = String(page.headers['content-security-policy'])
  t.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/)
  t.match(policy, /connect-src 'self'; img-src 'self' data: blob:; font-src 'self' data:/)
  t.notMatch(page.body, /https?:/)
})

t.test('the script of the docs page is cached and compressed', async (t) => {
  const app = await documentedApp(t)

  const plain = await app.inject('/docs/reader.js')
  const compressed = await app.inject({ url: '/docs/reader.js', headers: { 'accept-encoding': 'gzip' } })
  const known = await app.inject({
    url: '/docs/reader.js',
    headers: { 'if-none-match': String(plain.headers.etag) },
  })

  t.match(plain.headers['content-type'], /^text\/javascript/)
  t.equal(compressed.headers['content-encoding'], 'gzip')
  t.ok(compressed.rawPayload.length < plain.rawPayload.length / 2)
  t.equal(known.statusCode, 304)
})

t.test(
  'the docs page shows every operation in a browser without errors or requests to other hosts',
  { skip: withoutBrowser },
  async (t) => {
    const app = await documentedApp(t)
    const origin = await app.listen({ host: '127.0.0.1', port: 0 })
    const { page, complaints, asked } = await openPage(t)

    await page.goto(`${origin}/docs`)
    const operations = Object.values(app.contract().paths).flatMap((path) => Object.values(path))
    for (const { summary } of operations) await page.getByText(summary).first().waitFor()
    await tryRequest(page)

    t.strictSame(complaints, [])
    t.ok(
      asked.some((url) => url.startsWith(`${origin}/v1/unions`)),
      'a request can be tried from the page',
    )
    t.strictSame(
      asked.filter((url) => !url.startsWith(origin) && !/^(data|blob):/.test(url)),
      [],
    )
  },
)

t.test('the docs page fits the width of a phone', { skip: withoutBrowser }, async (t) => {
  const app = Fastify()
  registerDocs(app)
  app.get('/openapi.json', async () => committedContract())
  t.teardown(() => app.close())
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const { page } = await openPage(t)
  await page.setViewportSize({ width: 390, height: 844 })

  await page.goto(`${origin}/docs`)
  await page.getByRole('heading', { name: 'Getting started' }).first().waitFor()

  t.same(await page.evaluate(tooWideAt), [])
})

/** Scrolls through the page and reports where it scrolls sideways. Runs in the browser. */
const tooWideAt = `(async () => {
  const root = document.documentElement
  const places = []
  for (let place = 0; place < root.scrollHeight; place += 700) {
    window.scrollTo(0, place)
    // The bar at the top follows the visible section a few frames later.
    for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame)
    if (root.scrollWidth > root.clientWidth) places.push(place)
  }
  return places
})()`

async function documentedApp(t: Test) {
  const app = smallApp()
  registerDocs(app)
  t.teardown(() => app.close())
  await app.ready()
  return app
}

async function openPage(t: Test) {
  const page = await (await openBrowser(t)).newPage()
  const complaints: string[] = []
  const asked: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('request', (request) => asked.push(request.url()))
  return { page, complaints, asked }
}

async function tryRequest(page: Page): Promise<void> {
  await page.getByText('List unions').first().click()
  await page
    .getByRole('button', { name: /Test Request/ })
    .first()
    .click()
  const answered = page.waitForResponse((response) => response.url().includes('/v1/unions'))
  await page.getByRole('button', { name: /^Send/ }).first().click()
  await answered
}
