import t from 'tap'
import { acceptedType, preferredCoding, preferredType } from '../../../src/platform/http/negotiation.ts'

const json = 'application/json'
const html = 'text/html'
const csv = 'text/csv'

const typeCases: [accept: string | undefined, offered: string[], chosen: string | undefined][] = [
  [undefined, [json, html], json],
  ['', [json, html], json],
  ['*/*', [json, html], json],
  ['*', [json], json],
  ['application/*', [html, json], json],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', [json, html], html],
  ['application/json, text/html', [json, html], json],
  ['text/html;q=0.5, application/json;q=0.4', [json, html], html],
  ['TEXT/HTML', [json, html], html],
  ['application/json; charset=utf-8', [json], json],
  ['text/calendar', [json], undefined],
  ['text/csv', [json], undefined],
  ['text/csv', [json, csv], csv],
  ['text/csv;q=0.1, application/json;q=0', [json, csv], csv],
  ['application/pdf, image/*', [json, html], undefined],
  ['application/json;q=0', [json], undefined],
  ['application/json;q=0, */*', [json], undefined],
  ['application/*;q=0, application/json', [json], json],
  ['*/*;q=0', [json], undefined],
  ['application/problem+json', [json], json],
  ['application/problem+json', [html], undefined],
  ['application/problem+json, application/json;q=0', [json], undefined],
  ['text/html;q=high', [html], html],
  ['a sentence', [json], json],
]

t.test(
  'the media type with the highest weight in Accept is chosen, and a more specific range decides',
  async (t) => {
    for (const [accept, offered, chosen] of typeCases)
      t.equal(preferredType(accept, offered), chosen, `${accept} of ${offered.join(' and ')}`)
  },
)

t.test('an Accept header without an offered type gets the list of offered types', async (t) => {
  const refuse = () => acceptedType('text/calendar', [json, csv])

  t.throws(refuse, { message: 'not_acceptable' })
  try {
    refuse()
  } catch (problem) {
    t.match(problem, { kind: { status: 406 }, detail: /application\/json and text\/csv/ })
  }
})

const codingCases: [acceptEncoding: string | undefined, coding: string][] = [
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['br;q=0.1, gzip;q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['*', 'br'],
  ['*, br;q=0', 'gzip'],
  ['gzip;q=0', 'identity'],
  ['identity', 'identity'],
  ['deflate', 'identity'],
  ['identity;q=0', 'identity'],
]

t.test('a document is compressed only with a coding in Accept-Encoding', async (t) => {
  for (const [acceptEncoding, coding] of codingCases)
    t.equal(preferredCoding(acceptEncoding, ['br', 'gzip']), coding, String(acceptEncoding))
})
