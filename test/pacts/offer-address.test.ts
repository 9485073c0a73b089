/** What software on the way does to the address of an offer, and how the page reads it. */
import t from 'tap'
import { secretPrefixes } from '../../src/platform/secrets.ts'
import { openBrowser, withoutBrowser } from '../fixtures/browser.ts'
import { offered } from '../fixtures/offers.ts'
import { world } from '../fixtures/world.ts'

const leftToRight = '\u200e'
const rightToLeft = '\u200f'

/** Variants of `/offer#spl_…`; each still contains the whole secret. */
const mangled: readonly [string, (secret: string) => string][] = [
  ['as it was sent', (secret) => `/offer#${secret}`],
  ['the # encoded', (secret) => `/offer%23${secret}`],
  ['the # encoded twice', (secret) => `/offer%2523${secret}`],
  ['a slash before the #', (secret) => `/offer/#${secret}`],
  ['a slash and a question mark before the #', (secret) => `/offer/?#${secret}`],
  ['a question mark in place of the #', (secret) => `/offer?${secret}`],
  ['nothing in place of the #', (secret) => `/offer${secret}`],
  ['two slashes', (secret) => `//offer#${secret}`],
  ['a full stop before the #', (secret) => `/offer.#${secret}`],
  [
    'the parameter of a network',
    (secret) => `/offer?fbclid=IwAR0abcdefghijklmnopqrstuvwxyz0123456789ABCD#${secret}`,
  ],
  ['parameters of a campaign', (secret) => `/offer?utm_source=mail&utm_medium=x#${secret}`],
  ['parameters behind it', (secret) => `/offer#${secret}?utm_source=mail&gclid=x`],
  ['more parameters behind it', (secret) => `/offer#${secret}&fbclid=IwAR0abc`],
  ['the # encoded and parameters behind it', (secret) => `/offer%23${secret}?fbclid=IwAR0abc`],
  ['a full stop behind it', (secret) => `/offer#${secret}.`],
  ['the # encoded and a full stop behind it', (secret) => `/offer%23${secret}.`],
  ['a bracket behind it', (secret) => `/offer#${secret})`],
  ['brackets around it', (secret) => `/offer#(${secret})`],
  ['an angle bracket behind it', (secret) => `/offer#${secret}>`],
  ['an encoded angle bracket behind it', (secret) => `/offer%23${secret}%3E`],
  ['a comma behind it', (secret) => `/offer#${secret},`],
  ['quotes behind it', (secret) => `/offer#${secret}"`],
  ['quotes of books around it', (secret) => `/offer#«${secret}»`],
  ['a mark of direction behind it', (secret) => `/offer#${secret}${leftToRight}`],
  ['a mark of direction before it', (secret) => `/offer#${rightToLeft}${secret}`],
  ['marks of direction and the # encoded', (secret) => `/offer%E2%80%8E%23${secret}%E2%80%8F`],
  ['a zero-width space in it', (secret) => `/offer#${inTheMiddle(secret, '\u200b')}`],
  ['a blank behind it', (secret) => `/offer#${secret} `],
  ['an encoded blank and words behind it', (secret) => `/offer#${secret}%20see%20you`],
  ['a blank before it', (secret) => `/offer#%20${secret}`],
  ['a blank in it', (secret) => `/offer#${inTheMiddle(secret, ' ')}`],
  ['a line break in it', (secret) => `/offer#${inTheMiddle(secret, '\n')}`],
  ['an encoded line break in it', (secret) => `/offer%23${inTheMiddle(secret, '%0D%0A')}`],
  ['the mark of a quoted mail in it', (secret) => `/offer#${inTheMiddle(secret, '\n> ')}`],
  ['the soft break of a mail in it', (secret) => `/offer#${inTheMiddle(secret, '=%0A')}`],
  ['backslashes before its signs', (secret) => `/offer#${secret.replaceAll('_', '\\_')}`],
  ['a letter of it encoded', (secret) => `/offer#%73pl%5F${secret.slice(4)}`],
  ['all of it encoded twice', (secret) => `/offer%23${encoded(encoded(secret), '%')}`],
  ['an odd hyphen', (secret) => `/offer#${secret.replaceAll('-', '\u2011')}`],
  ['its first letters large', (secret) => `/offer#SPL_${secret.slice(4)}`],
  ['the path large', (secret) => `/OFFER#${secret}`],
  ['a percent sign alone behind it', (secret) => `/offer%23${secret}%`],
]

const inTheMiddle = (secret: string, sign: string) => secret.slice(0, 20) + sign + secret.slice(20)
const encoded = (text: string, only = '') =>
  [...text]
    .map((sign) => (only === '' || sign === only ? `%${sign.charCodeAt(0).toString(16)}` : sign))
    .join('')

t.test(
  'the offer page finds the secret in an address that a messenger has changed',
  { skip: withoutBrowser },
  async (t) => {
    const house = await world(t)
    const { link } = await offered(house)
    const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
    const browser = await openBrowser(t)

    for (const [name, address] of mangled) {
      const page = await browser.newPage()
      await page.goto(origin + address(link.token))
      await page
        .getByRole('heading', { name: 'Your answer' })
        .waitFor({ timeout: 5000 })
        .then(
          () => t.pass(name),
          async () => t.fail(`${name}: ${await page.locator('#state').textContent()}`),
        )
      t.equal(page.url(), `${origin}/offer#${link.token}`, 'no reload sends the secret again')
      await page.close()
    }
  },
)

t.test(
  'the offer page says that its address was changed if it cannot find the secret',
  { skip: withoutBrowser },
  async (t) => {
    const house = await world(t)
    const { link } = await offered(house)
    const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
    const page = await (await openBrowser(t)).newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const secret = link.token

    for (const [name, address] of [
      ['nothing left', '/offer'],
      ['nothing behind the #', '/offer#'],
      ['the secret cut away by a network', '/offer?fbclid=IwAR0abcdefghijklmnopqrstuvwxyz0123456789ABCD'],
      ['its end cut off', `/offer#${secret.slice(0, -3)}`],
      ['its end cut off, and dots behind', `/offer#${secret.slice(0, 20)}...`],
      ['its end cut off, and the # encoded', `/offer%23${secret.slice(0, -3)}`],
      ['its beginning cut off', `/offer#${secret.slice(4)}`],
      ['all of it large', `/OFFER#${secret.toUpperCase()}`],
      ['all of it small', `/offer#${secret.toLowerCase()}`],
    ] as const) {
      await page.goto('about:blank')
      await page.goto(origin + address)
      await page.getByText('The address was changed on its way').waitFor({ timeout: 5000 })
      await page.getByText('Copy the whole address').waitFor()
      t.notOk(await page.getByRole('button', { name: 'Accept' }).isVisible(), name)
    }
    t.notOk(
      asked.some((path) => path.startsWith('/v1/')),
      'nothing was asked that could not be answered',
    )

    const other = secret.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'))
    await page.goto(`${origin}/offer?other#${other}`)
    await page.getByText('The address was changed on its way').waitFor({ timeout: 5000 })
    for (const prefix of Object.values(secretPrefixes).filter((each) => each !== secretPrefixes.link)) {
      await page.goto('about:blank')
      await page.goto(`${origin}/offer#${prefix}${secret.slice(4)}`)
      await page.getByText('another kind of secret').waitFor({ timeout: 5000 })
    }
  },
)
