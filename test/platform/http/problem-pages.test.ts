import Fastify from 'fastify'
import t from 'tap'
import { answerProblem, problemOf } from '../../../src/platform/http/error-handler.ts'
import { problemCatalogue, refusal } from '../../../src/platform/problems.ts'
import { registerProblemPages } from '../../../src/platform/http/problem-pages.ts'

refusal({
  status: 418,
  code: 'stale_kettle',
  title: 'The kettle has moved on',
  advice: 'Read the <label> & boil again.',
  constraints: ['kettles_boil_once'],
})

const app = Fastify()
app.setErrorHandler((error, _request, reply) => answerProblem(reply, problemOf(error), 'https://pact.test'))
registerProblemPages(app)

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

t.test('the page of a problem says what to do and contains no script', async (t) => {
  const page = await app.inject({ url: '/problems/stale_kettle', headers: browser })

  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.headers['content-security-policy'], /^default-src 'none'; style-src 'sha256-/)
  t.match(page.body, '<h1>The kettle has moved on</h1>')
  t.match(page.body, 'Read the &lt;label&gt; &amp; boil again.', 'as text, never as markup')
  t.notMatch(page.body, '<script')
})

t.test('the page of a problem is available as JSON', async (t) => {
  const one = await app.inject('/problems/stale_kettle')
  const all = await app.inject({ url: '/problems', headers: { accept: 'application/json, text/html' } })

  t.strictSame(one.json(), {
    status: 418,
    code: 'stale_kettle',
    title: 'The kettle has moved on',
    advice: 'Read the <label> & boil again.',
  })
  t.strictSame(
    all
      .json()
      .data.map(({ code }: { code: string }) => code)
      .sort(),
    problemCatalogue()
      .map(({ code }) => code)
      .sort(),
  )
  t.equal(all.headers.vary, 'accept, accept-encoding')
})

t.test('the list of problems links every problem', async (t) => {
  const { body } = await app.inject({ url: '/problems', headers: browser })

  for (const { code } of problemCatalogue()) t.match(body, `href="/problems/${code}"`)
})

t.test('an unknown problem code answers 404 with a problem', async (t) => {
  const answer = await app.inject({ url: '/problems/nothing', headers: browser })

  t.match(answer.json(), { status: 404, code: 'not_found' })
})
