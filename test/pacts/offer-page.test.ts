import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openBrowser, withoutBrowser } from '../fixtures/browser.ts'
import { offered } from '../fixtures/offers.ts'
import { done, instantAfter, offerLink, world, type World } from '../fixtures/world.ts'

const inBrowser = { skip: withoutBrowser }

type Seen = { house: World; pactId: string; token: string; linkId: string; page: Page; origin: string }

/** The page of an offer to the committee, on a phone in Minsk. */
async function opened(t: Test, options: { timezoneId?: string; locale?: string } = {}): Promise<Seen> {
  const house = await world(t)
  const { id: pactId, link } = await offered(house)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  const context = await (
    await openBrowser(t)
  ).newContext({
    viewport: { width: 390, height: 844 },
    timezoneId: 'Europe/Minsk',
    locale: 'be',
    ...options,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => t.fail(error.message))
  await page.goto(`${origin}/offer#${link.token}`)
  await page.getByRole('heading', { name: 'Your answer' }).waitFor()
  return { house, pactId, token: link.token, linkId: link.id, page, origin }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const statement = (page: Page) => page.getByLabel('What you want to say')
const textOfPage = async (page: Page) =>
  (await page.locator('body').innerText()).replaceAll(/[\u2068\u2069]/g, '')

async function responsesOf({ house, pactId }: Seen): Promise<Record<string, unknown>[]> {
  return done(await house.ask('GET', `/v1/pacts/${pactId}/responses`, { token: house.icog.token })).data.data
}

t.test(
  'the address of an offer opens a page that loads nothing from elsewhere and leaks nothing',
  async (t) => {
    const house = await world(t)
    const { link } = await offered(house)

    const page = await house.app.inject('/offer')
    const me = await house.ask('GET', '/v1/me', { token: link.token })

    t.equal(page.statusCode, 200)
    t.match(page.headers['content-type'], /^text\/html/)
    t.match(page.headers['content-security-policy'], /default-src 'none'; script-src 'sha256-/)
    t.match(page.headers, { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    t.notMatch(page.body, /https?:/)
    t.match(page.body, /<html lang="en" dir="ltr">[^]*<noscript><p>This page needs JavaScript/)
    t.equal(me.statusCode, 200, 'opening it has not spent the link')
  },
)

t.test('a person with only a browser reads the offer and answers it', inBrowser, async (t) => {
  const seen = await opened(t)
  const { house, pactId, page, origin } = seen
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))

  await statement(page).fill('<b>Who pays the fare?</b>')
  await page.getByLabel('The language of what you say').selectOption('ru')
  await button(page, 'Send as a comment').click()
  await page.getByText('Your comment was sent').waitFor()
  t.equal(await statement(page).inputValue(), '', 'what was sent is sent once')
  await button(page, 'Accept').click()
  await button(page, 'Yes, accept').click()
  await page.getByText('You have accepted').waitFor()

  t.match(await responsesOf(seen), [
    { decision: 'accept', statement: null, language: null },
    { decision: 'comment', statement: '<b>Who pays the fare?</b>', language: 'ru' },
  ])
  const pact = await house.ask('GET', `/v1/pacts/${pactId}`, { token: house.icog.token })
  t.equal(pact.data.status, 'signing')
  const told = await textOfPage(page)
  t.match(
    told,
    /What comes next[^]*All parties have accepted[^]*Sign by .*Europe\/Minsk[^]*Ask ICOG to send you a new link/,
  )
  t.match(
    await page.getByRole('link', { name: 'How to claim the account' }).getAttribute('href'),
    /^\/docs#.*claims$/,
  )
  t.match(await page.getByRole('link', { name: 'How to sign' }).getAttribute('href'), /^\/docs#.*signatures$/)
  t.notOk(await button(page, 'Accept').isVisible())
  await page.reload()
  await page.getByText('This link is no longer valid').waitFor()
  t.ok(asked.every((url) => url.startsWith(origin) && !url.split('#', 1)[0]?.includes('spl_')))
})

t.test('tapping a button of the offer page twice stores one response', inBrowser, async (t) => {
  const seen = await opened(t)
  const { page } = seen

  await statement(page).fill('Who pays the fare?')
  await button(page, 'Send as a comment').dblclick()
  await page.getByText('Your comment was sent').waitFor()
  await button(page, 'Ask for more time').dblclick()
  await page.getByText('you need more time').waitFor()
  await button(page, 'Decline').dblclick({ delay: 20 })
  await page.getByRole('dialog').waitFor()

  t.same(
    (await responsesOf(seen)).map(({ decision }) => decision),
    ['needs_more_time', 'comment'],
  )
})

t.test('pressing the button again after a lost answer stores the response once', inBrowser, async (t) => {
  const seen = await opened(t)
  const { page } = seen
  const keys: (string | undefined)[] = []
  let isLost = true
  await page.route('**/v1/answers', async (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    const answer = await route.fetch()
    return isLost ? route.abort('connectionreset') : route.fulfill({ response: answer })
  })

  await statement(page).fill('Who pays the fare?')
  await button(page, 'Send as a comment').click()
  await page.getByText('The service could not be reached').waitFor()
  t.equal(await statement(page).inputValue(), 'Who pays the fare?', 'the text is kept')
  isLost = false
  await button(page, 'Send as a comment').click()
  await page.getByText('Your comment was sent').waitFor()
  await statement(page).fill('Who pays the fare?')
  await button(page, 'Send as a comment').click()
  await page.getByText('Your comment was sent').waitFor()
  isLost = true
  await button(page, 'Accept').click()
  await button(page, 'Yes, accept').click()
  await page.getByText('The service could not be reached').waitFor()
  isLost = false
  await button(page, 'Accept').click()
  await button(page, 'Yes, accept').click()
  await page.getByText('You have accepted').waitFor()

  const [first, again, another, accepted, acceptedAgain] = keys
  t.match(first, /^[0-9a-f]{32}$/)
  t.equal(again, first, 'the same act')
  t.not(another, first, 'the same words later are another act')
  t.equal(acceptedAgain, accepted)
  t.same(
    (await responsesOf(seen)).map(({ decision }) => decision),
    ['accept', 'comment', 'comment'],
  )
})

t.test(
  'the offer page explains an error in plain words and keeps the text of the person',
  inBrowser,
  async (t) => {
    const { house, page, origin, token } = await opened(t)
    const problem = (status: number, code: string) => ({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ title: 'A title', status, code, detail: 'GET /v1/pacts', requestId: 'abc-1' }),
    })
    await statement(page).fill('Who pays the fare?')
    const cases: [Parameters<Parameters<Parameters<Page['route']>[1]>[0]['fulfill']>[0], string][] = [
      [
        { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
        'The service cannot answer now',
      ],
      [problem(503, 'unavailable'), 'The service cannot answer now'],
      [problem(429, 'too_many_requests'), 'too many requests from your connection'],
      [problem(409, 'proposal_superseded'), 'another text replaced'],
      [problem(410, 'link_gone'), 'This link is no longer valid'],
      [problem(418, 'from_tomorrow'), 'abc-1'],
    ]
    for (const [answer, words] of cases) {
      await page.route('**/v1/answers', (route) => route.fulfill(answer))
      await button(page, 'Send as a comment').click()
      await page.getByRole('alert').getByText(words).waitFor()
      t.equal(await statement(page).inputValue(), 'Who pays the fare?', words)
      t.notMatch(await textOfPage(page), '/v1/', words)
      await page.unroute('**/v1/answers')
    }
    await page.route('**/v1/me', (route) => route.abort())
    await page.reload()
    await page.getByText('The service could not be reached').waitFor()
    await page.unroute('**/v1/me')

    const proposal = await house.ask('GET', '/v1/me', { token })
    t.equal(proposal.statusCode, 200)
    house.travelTo(instantAfter(house, 31))
    await page.goto('about:blank')
    await page.goto(`${origin}/offer#${token}`)
    await page.getByText('This link is no longer valid').waitFor()
    t.notMatch(await textOfPage(page), '/v1/')
  },
)

t.test(
  'the offer page asks for confirmation of a decision, by touch and by keyboard',
  inBrowser,
  async (t) => {
    const seen = await opened(t)
    const { page } = seen
    const [accept, decline] = await Promise.all(
      ['Accept', 'Decline'].map((name) => button(page, name).boundingBox()),
    )
    if (!accept || !decline) throw new Error('the buttons are not there')
    for (const box of [accept, decline]) t.ok(box.height >= 44 && box.width >= 44, JSON.stringify(box))
    t.ok(Math.max(decline.x - accept.x - accept.width, decline.y - accept.y - accept.height) >= 24, 'apart')
    t.equal(
      await page.evaluate('document.documentElement.scrollWidth'),
      390,
      'nothing is wider than the screen',
    )

    await statement(page).fill('We all agree.')
    await button(page, 'Accept').focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Accept this offer?' })
    await dialog.getByText('We all agree.').waitFor()
    const tree = await dialog.ariaSnapshot()
    // The browser moves the focus after the dialog has closed, and the test continues before that.
    const focusReaches = (name: string) =>
      page.waitForFunction(`document.activeElement.textContent === '${name}'`).then(
        () => true,
        () => false,
      )
    t.match(tree, /heading "Accept this offer\?"[^]*button "Yes, accept"[^]*button "Go back"/)
    t.ok(await focusReaches('Go back'), 'what changes nothing comes first')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    t.ok(await focusReaches('Accept'), 'who goes back is where they were')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await button(page, 'Go back').click()
    t.same(await responsesOf(seen), [], 'nothing was sent')

    await button(page, 'Decline').click()
    await button(page, 'Yes, decline').click()
    await page.getByText('You have declined').waitFor()
    t.match(await responsesOf(seen), [{ decision: 'decline', statement: 'We all agree.', language: 'be' }])
    const atResult = page.waitForFunction(`document.activeElement.id === 'result'`)
    await t.resolves(atResult, 'a screen reader goes on at the result')
  },
)

t.test('the offer page shows the deadline in local time and in UTC', inBrowser, async (t) => {
  const { page, origin, token } = await opened(t)
  const utc = await (await openBrowser(t)).newPage({ timezoneId: 'UTC' })

  await utc.goto(`${origin}/offer#${token}`)
  await utc.getByRole('heading', { name: 'Your answer' }).waitFor()

  t.match(
    await textOfPage(page),
    /Answer by Thursday, March 12, 2026 at 13:00 \(Europe\/Minsk\)\. In UTC that is Thursday, March 12, 2026 at 10:00\./,
  )
  t.match(await textOfPage(utc), /Answer by Thursday, March 12, 2026 at 10:00 \(UTC\)\.\n/)
})

t.test('the offer page shows the next steps to a party that has accepted', inBrowser, async (t) => {
  const { house, pactId, page, origin } = await opened(t)
  await button(page, 'Accept').click()
  await button(page, 'Yes, accept').click()
  await page.getByText('You have accepted').waitFor()
  const { token } = await offerLink(house, pactId)

  await page.goto('about:blank')
  await page.goto(`${origin}/offer#${token}`)
  await page.getByText('Your organisation has accepted this offer').waitFor()

  t.match(await textOfPage(page), /What comes next[^]*Claim the account/)
  t.notOk(await button(page, 'Accept').isVisible())
  t.notOk(await button(page, 'Ask for more time').isVisible())
  await statement(page).fill('When do we meet?')
  await button(page, 'Send as a comment').click()
  await page.getByText('Your comment was sent').waitFor()
})
