import t from 'tap'
import packageJson from '../../../package.json' with { type: 'json' }
import { openHouse } from '../../harness.ts'

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const settings = {
  SOURCE_URL: 'https://code.example.org/pact?a=1&b=2',
  SECURITY_CONTACT: 'mailto:security@example.org, https://example.org/report',
}

t.test('the front page names the service and its links, as HTML and as JSON', async (t) => {
  const house = await openHouse(t, { settings })

  const json = await house.ask('GET', '/')
  const html = await house.ask('GET', '/', { headers: browser })
  const csv = await house.ask('GET', '/', { headers: { accept: 'text/csv' } })

  t.same(json.data, {
    name: 'Solidarity Pact',
    version: packageJson.version,
    docs: 'http://pact.test/docs',
    contract: 'http://pact.test/openapi.json',
    problems: 'http://pact.test/problems',
    source: settings.SOURCE_URL,
    security: 'http://pact.test/.well-known/security.txt',
  })
  t.match(html.headers['content-type'], /^text\/html/)
  t.match(html.headers['content-security-policy'], /^default-src 'none'/)
  for (const url of Object.values(json.data).slice(2))
    t.match(html.body, `href="${String(url).replaceAll('&', '&amp;')}"`)
  t.match(html.body, packageJson.version)
  t.match([csv.statusCode, csv.data.detail], [406, /application\/json and text\/html/])
})

t.test('security.txt lists the contacts and has a future expiry date on every day', async (t) => {
  const house = await openHouse(t, { now: '2026-03-02T10:00:00.000Z', settings })

  const first = await house.ask('GET', '/.well-known/security.txt')
  house.travelTo('2027-03-02T10:00:00.000Z')
  const later = await house.ask('GET', '/.well-known/security.txt')

  t.equal(first.headers['content-type'], 'text/plain; charset=utf-8')
  t.equal(
    first.body,
    'Contact: mailto:security@example.org\nContact: https://example.org/report\nExpires: 2026-08-29T00:00:00.000Z\n',
  )
  t.match(later.body, 'Expires: 2027-08-29T00:00:00.000Z')
})

t.test('security.txt names its own address if the service uses https', async (t) => {
  const house = await openHouse(t, { settings: { ...settings, PUBLIC_URL: 'https://pact.example.org' } })

  const { body } = await house.ask('GET', '/.well-known/security.txt')

  t.match(body, '\nCanonical: https://pact.example.org/.well-known/security.txt\n')
})

t.test(
  'without SOURCE_URL and SECURITY_CONTACT the front page has no such links, and security.txt answers 404',
  async (t) => {
    const house = await openHouse(t)

    const json = await house.ask('GET', '/')
    const html = await house.ask('GET', '/', { headers: browser })

    t.same(Object.keys(json.data), ['name', 'version', 'docs', 'contract', 'problems'])
    t.notMatch(html.body, 'security.txt')
    t.match((await house.ask('GET', '/.well-known/security.txt')).data, { status: 404, code: 'not_found' })
  },
)
