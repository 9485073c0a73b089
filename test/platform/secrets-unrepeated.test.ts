/** A secret that was sent in the wrong place appears in no answer and in no log. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { mintSecret, secretPrefixes, withoutSecret } from '../../src/platform/secrets.ts'
import { committedContract } from '../contract-checker.ts'
import { absentId, openCoordination } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

type Method = 'GET' | 'POST'

const { paths } = committedContract() as unknown as { paths: Record<string, Record<string, unknown>> }
const methods = ['get', 'put', 'post', 'patch', 'delete']
const operations: readonly [string, string][] = [
  ...Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => methods.includes(method))
      .map((method): [string, string] => [method.toUpperCase(), path]),
  ),
  ...[
    '/offer',
    '/docs',
    '/docs/',
    '/problems',
    '/problems/{code}',
    '/openapi.json',
    '/livez',
    '/nowhere',
    '/',
  ].map((path): [string, string] => ['GET', path]),
  ['POST', '/offer'],
  ['PROPFIND', '/v1/me'],
]

const kinds = Object.keys(secretPrefixes) as (keyof typeof secretPrefixes)[]

/** Spellings of the secret in an address. */
const spellings = (secret: string): string[] => [
  secret,
  secret.replace('_', '%5F'),
  secret.replace('_', '%255f'),
  secret.replace('s', '%73'),
  secret.slice(0, 4).toUpperCase() + secret.slice(4),
  `${secret.slice(0, 20)}%20${secret.slice(20)}`,
  secret.slice(0, 30),
  secret.slice(4),
]

/** One spelling for each place in the address, alternating from one operation to the next. */
const addressesOf = (path: string, secret: string, turn: number): string[] => {
  const spelled = spellings(secret)
  const places = [
    (one: string) => path.replaceAll(/\{[^}]+\}/g, one),
    (one: string) => `${path}%23${one}`,
    (one: string) => `${path}/${one}`,
    (one: string) => `${path}#${one}`,
    (one: string) => `${path}?${one}`,
    (one: string) => `${path}?${one}=1`,
    (one: string) => `${path}?q=${one}`,
    (one: string) => `${path}?limit=${one}&cursor=${one}`,
  ]
  // Each round begins with another spelling.
  const round = turn / places.length
  return places.map((at, index) => at(spelled[(index + round) % spelled.length] as string))
}

t.test('no answer and no log line of any route repeats a secret from the URL', async (t) => {
  const lines: string[] = []
  const house = await openHouse(t, { log: { write: (line) => lines.push(line) } })
  const { icog } = await openCoordination(house)
  const faults = new Set<string>()
  const sent = new Set<string>()
  let asked = 0

  for (const [method, path] of operations)
    for (const kind of kinds) {
      const { secret } = mintSecret(kind)
      sent.add(secret)
      for (const address of addressesOf(path, secret, asked)) {
        const answer = await house.app.inject({
          method: method as Method,
          url: address.replaceAll(/\{[^}]+\}/g, absentId),
          headers: { authorization: `Bearer ${icog.token}`, 'if-match': '*' },
        })
        asked++
        const told = JSON.stringify(answer.headers) + answer.body
        const isTold = piecesOf(secret).some((piece) => told.includes(piece))
        if (isTold || answer.statusCode >= 500)
          faults.add(`${method} ${path} ${answer.statusCode}: ${address.replaceAll(secret, '(secret)')}`)
      }
    }

  t.same([...faults].slice(0, 20), [])
  t.ok(asked > 2000, String(asked))
  const log = lines.join('')
  t.ok(lines.length > asked, 'at this level everything is logged')
  t.same(
    [...sent].filter((secret) => piecesOf(secret).some((piece) => log.includes(piece))),
    [],
  )
})

/** The beginning and the end of the secret after its prefix; they do not occur by chance. */
const piecesOf = (secret: string): string[] => [secret.slice(4, 16), secret.slice(-12)]

t.test('no answer repeats a secret that was sent as the name of a field', async (t) => {
  const house = await openHouse(t)
  const { icog } = await openCoordination(house)
  const { secret } = mintSecret('link')

  const answers = await Promise.all(
    [
      JSON.stringify({ [secret]: 1 }),
      JSON.stringify({ secretary: { [`${secret.slice(0, 20)}\n${secret.slice(20)}`]: 1 } }),
      `{"${secret}":1,"${secret}":2}`,
      `{"${secret}`,
    ].map((body) =>
      house.ask('POST', '/v1/organisations', { body, headers: { 'content-type': 'application/json' } }),
    ),
  )
  answers.push(
    await house.ask('POST', '/v1/tokens', {
      token: icog.token,
      headers: { 'idempotency-key': secret.slice(0, 9) },
    }),
  )

  for (const { statusCode, body, headers } of answers) {
    t.match(String(statusCode), /^4\d\d$/)
    for (const piece of piecesOf(secret)) t.notMatch(body + JSON.stringify(headers), piece)
  }
  t.ok(answers[0]?.data.errors.some(({ pointer }: { pointer?: string }) => pointer === '/(secret)'))
})

t.test('answers to bytes that are not a request repeat no secret', async (t) => {
  const lines: string[] = []
  const house = await openHouse(t, { log: { write: (line) => lines.push(line) } })
  const { secret } = mintSecret('link')
  const origin = new URL(await house.app.listen({ host: '127.0.0.1', port: 0 }))
  const bytes = async (request: string) => {
    const socket = connect(Number(origin.port), origin.hostname)
    socket.end(request)
    return text(socket)
  }

  const answers = await Promise.all(
    [
      `GET /${secret} HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\nConnection: close\r\n\r\n`,
      `GET /${secret}%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET http://x/${secret} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET /offer%23${secret}%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      `GET /${secret} HTTP/1.1\r\nConnection: close\r\n\r\n`,
      `GET /${secret} nonsense\r\n\r\n`,
    ].map(bytes),
  )

  t.same(
    answers.map((answer) => answer.slice(9, 12)),
    ['417', '400', '404', '200', '400', '400'],
  )
  for (const piece of piecesOf(secret)) t.notMatch(answers.join('') + lines.join(''), piece)
})

t.test('a problem repeats a URL without a secret as it was sent', (t) => {
  for (const address of [
    '/',
    `/v1/organisations/${absentId}/contact-channels`,
    '/v1/visit-participants/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82',
    '/docs/special_offer',
    '/problems/another_coordination_needed',
  ])
    t.equal(withoutSecret(address), address)
  t.equal(withoutSecret('/v1/offer-links/spl_abc def'), '/v1/offer-links/(secret)')
  t.equal(withoutSecret('/offer%2523%2573pe%255fabc'), '/offer%2523(secret)')
  t.end()
})
