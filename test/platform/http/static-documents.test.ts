import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { answerProblem, problemOf } from '../../../src/platform/http/error-handler.ts'
import {
  documentRoute,
  staticDocument,
  type DocumentOptions,
} from '../../../src/platform/http/static-documents.ts'
import { openHouse } from '../../harness.ts'

const text = 'Solidarity is the tenderness of peoples. '.repeat(100)
const longText: DocumentOptions = {
  cacheControl: 'public, max-age=60',
  make: () => [{ type: 'text/plain', body: text, headers: { 'x-kind': 'long' } }],
}

function serving(t: Test, options: DocumentOptions) {
  const app = Fastify()
  app.setErrorHandler((error, _request, reply) => answerProblem(reply, problemOf(error), 'https://pact.test'))
  app.get('/document', documentRoute, staticDocument(options))
  t.teardown(() => app.close())
  return (headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    app.inject({ method, url: '/document', headers })
}

t.test(
  'each content coding of a document has its own bytes, ETag and length, and the same content',
  async (t) => {
    const ask = serving(t, longText)

    const plain = await ask()
    const gzipped = await ask({ 'accept-encoding': 'gzip' })
    const brotli = await ask({ 'accept-encoding': 'gzip, br' })

    t.equal(plain.body, text)
    t.equal(gunzipSync(gzipped.rawPayload).toString(), text)
    t.equal(brotliDecompressSync(brotli.rawPayload).toString(), text)
    t.same(
      [plain, gzipped, brotli].map(({ headers }) => headers['content-encoding']),
      [undefined, 'gzip', 'br'],
    )
    t.equal(new Set([plain, gzipped, brotli].map(({ headers }) => headers.etag)).size, 3)
    for (const { headers, rawPayload } of [plain, gzipped, brotli])
      t.match(headers, {
        vary: 'accept-encoding',
        'cache-control': 'public, max-age=60',
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(rawPayload.length),
        'x-kind': 'long',
      })
  },
)

t.test('a conditional request for a document answers 304, also with a weakened ETag', async (t) => {
  const ask = serving(t, longText)
  const etag = String((await ask({ 'accept-encoding': 'br' })).headers.etag)

  for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await ask({ 'accept-encoding': 'br', 'if-none-match': held })
    t.match([answer.statusCode, answer.body, answer.headers.etag], [304, '', etag], held)
    t.match(answer.headers, { 'cache-control': 'public, max-age=60', vary: 'accept-encoding' })
  }
  t.equal((await ask({ 'if-none-match': etag })).statusCode, 200, 'the tag of another coding is another tag')
  t.equal((await ask({ 'accept-encoding': 'br', 'if-none-match': '"other"' })).statusCode, 200)
})

t.test('HEAD of a document returns the headers of GET', async (t) => {
  const ask = serving(t, longText)

  const [got, head] = [
    await ask({ 'accept-encoding': 'gzip' }),
    await ask({ 'accept-encoding': 'gzip' }, 'HEAD'),
  ]

  t.equal(head.body, '')
  for (const name of ['etag', 'content-length', 'content-encoding', 'vary', 'cache-control'] as const)
    t.equal(head.headers[name], got.headers[name], name)
})

t.test('a document that does not shrink is not compressed', async (t) => {
  const ask = serving(t, { ...longText, make: () => [{ type: 'text/plain', body: 'No' }] })

  const answer = await ask({ 'accept-encoding': 'br' })

  t.match([answer.body, answer.headers['content-encoding']], ['No', undefined])
})

t.test('Accept chooses the representation of a document, and 406 lists all', async (t) => {
  const ask = serving(t, {
    cacheControl: 'no-cache',
    make: () => [
      { type: 'application/json', body: '{}' },
      { type: 'text/html', body: '<p>' },
    ],
  })

  const [json, html, neither] = [
    await ask(),
    await ask({ accept: 'text/html' }),
    await ask({ accept: 'text/csv' }),
  ]

  t.match([json.body, html.body], ['{}', '<p>'])
  t.equal(html.headers.vary, 'accept, accept-encoding')
  t.match([neither.statusCode, neither.json().code], [406, 'not_acceptable'])
  t.match(neither.json().detail, 'application/json and text/html')
})

t.test('a document is made once for concurrent requests, and again only after a failure', async (t) => {
  let made = 0
  const ask = serving(t, {
    ...longText,
    make: async () => {
      made++
      if (made === 1) throw new Error('not yet')
      return longText.make()
    },
  })

  t.equal((await ask()).statusCode, 500)
  await Promise.all([ask(), ask({ 'accept-encoding': 'br' }), ask({ 'accept-encoding': 'gzip' })])
  await ask()

  t.equal(made, 2)
})

const documents = [
  '/',
  '/openapi.json',
  '/openapi-3.0.json',
  '/docs',
  '/docs/reader.js',
  '/problems',
  '/problems/not_found',
  '/offer',
]

t.test('requests for documents count against the quota of the address, and probes do not', async (t) => {
  const settings = { ANONYMOUS_REQUESTS_PER_MINUTE: String(documents.length) }
  const house = await openHouse(t, { settings })

  for (const url of documents) t.equal((await house.ask('GET', url)).statusCode, 200, url)
  for (const url of documents) t.equal((await house.ask('GET', url)).statusCode, 429, url)
  for (const url of ['/livez', '/readyz']) t.equal((await house.ask('GET', url)).statusCode, 200, url)
})

t.test(
  'every document of the service has an ETag, a Cache-Control header and a compressed form',
  async (t) => {
    const house = await openHouse(t)

    for (const url of documents) {
      const { headers } = await house.ask('GET', url, { headers: { 'accept-encoding': 'br', accept: '*/*' } })
      t.match(headers, { etag: /^"[\w-]{22}\.br"$/, 'content-encoding': 'br', 'cache-control': /./ }, url)
      const again = await house.ask('GET', url, {
        headers: { 'accept-encoding': 'br', 'if-none-match': String(headers.etag) },
      })
      t.equal(again.statusCode, 304, url)
    }
  },
)
