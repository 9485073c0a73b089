import t, { type Test } from 'tap'
import { openBrowser, withoutBrowser } from '../fixtures/browser.ts'
import { done, offerLink, pactIn, world } from '../fixtures/world.ts'

async function offered(t: Test) {
  const house = await world(t)
  const pactId = await pactIn(house, 'negotiating', { parties: [house.committee] })
  const link = await offerLink(house, pactId)
  return { house, pactId, link }
}

t.test('the address that is sent leads to a page, which loads and leaks nothing', async (t) => {
  const { house, link } = await offered(t)

  const page = await house.app.inject('/offer')
  const me = await house.ask('GET', '/v1/me', { token: link.token })

  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.headers['content-security-policy'], /default-src 'none'; script-src 'sha256-/)
  t.match(page.headers, { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
  t.notMatch(page.body, /https?:/)
  t.equal(me.statusCode, 200, 'opening it has not spent the link')
})

t.test(
  'a committee that has only a browser reads the offer and answers it',
  { skip: withoutBrowser },
  async (t) => {
    const { house, pactId, link } = await offered(t)
    const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
    const page = await (await openBrowser(t)).newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))

    await page.goto(`${origin}/offer#${link.token}`)
    await page.getByRole('heading', { name: 'Your answer' }).waitFor()
    await page.getByLabel('What you want to say').fill('<b>Who pays the fare?</b>')
    await page.getByRole('button', { name: 'Only comment' }).click()
    await page.getByText('The link stays good').waitFor()
    await page.getByRole('button', { name: 'Accept' }).click()
    await page.getByText('You have accepted').waitFor()

    const { icog } = house
    const said = done(await house.ask('GET', `/v1/pacts/${pactId}/responses`, { token: icog.token }))
    t.same(
      said.data.data.map(({ decision }: { decision: string }) => decision),
      ['accept', 'comment'],
    )
    t.equal((await house.ask('GET', `/v1/pacts/${pactId}`, { token: icog.token })).data.status, 'signing')
    await page.reload()
    await page.getByText('This link is no longer good').waitFor()
    t.ok(
      asked.every(
        (url) => url.startsWith(origin) && !url.slice(0, url.indexOf('#') + 1 || undefined).includes('spl_'),
      ),
    )
  },
)
