/** The catalogue of the page contains exactly the texts that the page uses. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import '../../src/app.ts'
import { catalogues } from '../../src/pacts/offer-links/page/texts.ts'
import { proposalLifecycle } from '../../src/pacts/proposals/lifecycle.ts'
import { decisions } from '../../src/pacts/responses/tables.ts'
import { problemCatalogue } from '../../src/platform/problems.ts'

const folder = new URL('../../src/pacts/offer-links/', import.meta.url)
const program = ['page.ts', 'page/address.js', 'page/view.js', 'page/requests.js', 'page/page.js']
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n')

const { texts } = catalogues.en
const quoted = [...program.matchAll(/'([a-z_]+(?:\.[A-Za-z_]+)*\.?)'/g)].map((match) => match[1] as string)

t.test('every text key that the offer page uses is in the catalogue', (t) => {
  const asked = [...program.matchAll(/\b(?:say|sayInstant)\(\s*'([\w.]*\w)'/g)].map(
    (match) => match[1] as string,
  )
  const counted = [...program.matchAll(/\bsayCount\(\s*'([\w.]+)'/g)].map((match) => `${match[1]}.other`)
  const made = [
    ...decisions.map((decision) => `done.${decision}`),
    ...['missing', 'changed', 'other'].map((fault) => `address.${fault}`),
    ...['accept', 'decline'].flatMap((one) =>
      ['heading', 'text', 'yes'].map((part) => `confirm.${one}.${part}`),
    ),
    'fault.offline',
    'fault.busy',
  ]

  t.ok(asked.length > 30)
  t.same(
    [...asked, ...counted, ...made].filter((key) => !(key in texts)),
    [],
  )
  t.end()
})

t.test('the offer page uses every text key of the catalogue', (t) => {
  const isAsked = (key: string) =>
    quoted.some((one) => key === one || (one.endsWith('.') && key.startsWith(one))) ||
    quoted.some((one) => [`${one}.one`, `${one}.other`, `${one}How`].includes(key)) ||
    quoted.some((one) => one.startsWith('next.') && key === `${one}How`)

  t.same(
    Object.keys(texts).filter((key) => !isAsked(key)),
    [],
  )
  t.end()
})

t.test('every problem code in the texts of the offer page is a problem of the service', (t) => {
  const codes = problemCatalogue().map(({ code }) => code)
  const own = ['empty', 'offline', 'offlineReading', 'busy', 'busyReading', 'other']
  const told = Object.keys(texts)
    .filter((key) => key.startsWith('fault.'))
    .map((key) => key.slice('fault.'.length))
  const statuses = [...Object.keys(proposalLifecycle), 'none', 'closed']

  t.same(
    told.filter((code) => !codes.includes(code) && !own.includes(code)),
    [],
  )
  t.same(
    Object.keys(texts).filter(
      (key) => key.startsWith('nothing.') && !statuses.includes(key.slice('nothing.'.length)),
    ),
    [],
  )
  t.end()
})

t.test('no text of the offer page contains an address of the API or markup', (t) => {
  t.same(
    Object.values(texts).filter((text) => /\/v1|[<>]|POST|GET/.test(text)),
    [],
  )
  t.end()
})
