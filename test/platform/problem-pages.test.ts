import Fastify from 'fastify'
import t from 'tap'
import { registerProblemPages } from '../../src/platform/problem-pages.ts'

const catalogue = [
  {
    status: 409,
    code: 'stale_case',
    title: 'The case has moved on',
    advice: 'Read the <claims> & acknowledge them.',
  },
  { status: 404, code: 'not_found', title: 'Not found', advice: 'Look at the address.' },
]

const app = Fastify()
registerProblemPages(app, () => catalogue)

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

t.test('a browser gets a page that says what to do, and that runs nothing', async (t) => {
  const page = await app.inject({ url: '/problems/stale_case', headers: browser })

  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-/)
  t.match(page.body, '<h1>The case has moved on</h1>')
  t.match(page.body, 'Read the &lt;claims&gt; &amp; acknowledge them.', 'as text, never as markup')
  t.notMatch(page.body, '<script')
})

t.test('a program gets the same as JSON', async (t) => {
  const one = await app.inject('/problems/stale_case')
  const all = await app.inject({ url: '/problems', headers: { accept: 'application/json, text/html' } })

  t.strictSame(one.json(), catalogue[0])
  t.strictSame(all.json(), { data: [catalogue[1], catalogue[0]] })
  t.equal(all.headers.vary, 'accept')
})

t.test('the list leads to every problem', async (t) => {
  const { body } = await app.inject({ url: '/problems', headers: browser })

  for (const { code } of catalogue) t.match(body, `href="/problems/${code}"`)
})

t.test('a code that is not in the catalogue is not found', async (t) => {
  const { statusCode } = await app.inject({ url: '/problems/nothing', headers: browser })

  t.equal(statusCode, 404)
})
