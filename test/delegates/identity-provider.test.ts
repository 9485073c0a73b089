import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { audience, openIssuer, signingKey } from '../fixtures/identity-provider.ts'
import { registerUnion, seat } from '../fixtures/unions.ts'
import { openHouse } from '../harness.ts'

// The issuer uses the real clock.
const start = () => new Date().toISOString()
const inMinutes = (minutes: number) => Math.floor(Date.now() / 1000) + minutes * 60

async function world(t: Test, settings: Record<string, string> = {}) {
  const issuer = await openIssuer(t, ['mara', 'vesna'])
  const lines: string[] = []
  const log = { write: (line: string) => void lines.push(line) }
  const house = await openHouse(t, { now: start(), settings: { ...issuer.settings, ...settings }, log })
  const union = await registerUnion(house)
  const mara = await seat(house, union, { office: 'delegate' })
  const link = async (delegateId = mara.delegateId) => {
    const path = `/v1/delegates/${delegateId}/enrolment-links`
    return (await house.ask('POST', path, { token: union.token, body: {} })).data['secret'] as string
  }
  const bind = async (accessToken: string, secret?: string) =>
    house.ask('POST', '/v1/enrolments', {
      body: { secret: secret ?? (await link()), label: 'the union’s login', accessToken },
    })
  const me = (token: string) => house.ask('GET', '/v1/me', { token })
  return { house, ...house, issuer, union, mara, link, bind, me, lines }
}

t.test(
  'an enrolment link binds an account of the identity provider, whose tokens then act as that delegate',
  async (t) => {
    const { ask, issuer, mara, bind, me, lines, house } = await world(t)
    const first = await issuer.tokenOf('mara')

    const unbound = await me(first)
    t.equal(unbound.statusCode, 401)
    t.match(unbound.data['detail'], /enrolment link/)
    const bound = await bind(first)
    t.match(bound.data, { secret: null, delegateUrl: `/v1/delegates/${mara.delegateId}` }, bound.body)
    t.match((await me(first)).data, { kind: 'delegate', delegate: { id: mara.delegateId } })
    t.equal(
      (await me(await issuer.tokenOf('mara'))).statusCode,
      200,
      'every later token of the account works',
    )
    t.equal((await me(await issuer.tokenOf('vesna'))).statusCode, 401, 'tokens of other accounts do not')
    const listed = (await ask('GET', '/v1/tokens', { token: first })).data['data']
    t.ok(listed.some(({ label }: { label: string }) => label === 'the union’s login'))
    t.notMatch(lines.join(''), first.split('.')[2] ?? first, 'no token is in the log')
    const { rows } = await house.database.read.$client.query('select t::text as row from tokens t', [])
    t.notMatch(JSON.stringify(rows), /vesna|127\.0\.0\.1|"mara/, 'no account is in the database')
    const guessed = createHash('sha256').update(JSON.stringify(['oidc', issuer.issuer, 'mara']))
    t.notMatch(
      JSON.stringify(rows),
      guessed.digest('hex'),
      'the database contains no hash that can be guessed',
    )
  },
)

t.test('an access token of the provider can narrow the scopes of the link, never widen them', async (t) => {
  const { issuer, bind, me, ask, union } = await world(t)
  await bind(await issuer.tokenOf('mara'))

  const whole = (await me(await issuer.tokenOf('mara'))).data['scopes'] as string[]
  t.ok(whole.length > 2, 'without scopes of ours, it has those of the link')
  const narrow = await issuer.tokenOf('mara', 'pacts:read')
  t.same((await me(narrow)).data['scopes'], ['pacts:read'])
  t.equal((await ask('GET', '/v1/delegates', { token: narrow })).statusCode, 403)
  t.equal(
    (await ask('PATCH', union.url, { token: narrow, body: { about: 'x' }, headers: { 'if-match': '*' } }))
      .statusCode,
    403,
  )
})

t.test('an access token of another issuer, audience or period is refused', async (t) => {
  const { issuer, bind, me } = await world(t)
  await bind(await issuer.tokenOf('mara'))
  const good = { sub: 'mara', exp: inMinutes(5) }
  const parts = (await issuer.sign(good)).split('.') as [string, string, string]
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = encode({ iss: issuer.issuer, aud: issuer.settings.OIDC_AUDIENCE, ...good })
  const unsigned = `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.${'A'.repeat(16)}`
  const confused = `${encode({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })}.${payload}`
  const hmac = createHmac('sha256', JSON.stringify(issuer.publicKey())).update(confused).digest('base64url')

  t.equal((await me(parts.join('.'))).statusCode, 200, 'the same with a valid signature is accepted')
  const bad: Record<string, string> = {
    expired: await issuer.sign({ ...good, exp: inMinutes(-1) }),
    'not yet': await issuer.sign({ ...good, nbf: inMinutes(5) }),
    'for elsewhere, by the provider': await issuer.tokenForElsewhere('mara'),
    'of another issuer': await issuer.sign({ ...good, iss: 'https://login.elsewhere.test' }),
    'without an end': await issuer.sign({ sub: 'mara' }),
    'of nobody': await issuer.sign({ exp: good.exp }),
    'of another kind': await issuer.sign(good, { typ: 'logout+jwt' }),
    'of no kind in particular': await issuer.sign(good, { typ: 'JWT' }),
    'bound to a key of its holder': await issuer.sign({ ...good, cnf: { jkt: 'x' } }),
    'by another key of that name': await issuer.sign(good, {}, await signingKey('first')),
    'by a key that is not there': await issuer.sign(good, {}, await signingKey('third')),
    'by nobody': unsigned,
    'by the public key as a secret': `${confused}.${hmac}`,
    'with another payload': `${parts[0]}.${encode({ ...good, sub: 'vesna' })}.${parts[2]}`,
    'no token at all': 'a.b.c',
  }
  for (const [what, token] of Object.entries(bad)) {
    const answer = await me(token)
    t.equal(answer.statusCode, 401, what)
    t.notMatch(answer.body, token, what)
  }
})

t.test(
  'tokens signed with unknown keys do not flood the identity provider with requests, and a changed key is still found',
  async (t) => {
    const { issuer, bind, me, house } = await world(t)
    await bind(await issuer.tokenOf('mara'))
    const before = issuer.asked.keys
    const unknown = await signingKey('nowhere')

    for (let i = 0; i < 50; i++) {
      t.equal(
        (await me(await issuer.sign({ sub: 'mara', exp: inMinutes(5) }, { kid: `${i}` }, unknown)))
          .statusCode,
        401,
      )
    }

    t.equal(issuer.asked.keys, before, 'no request while the keys are 30 seconds old')
    house.travelTo(new Date(Date.now() + 31_000).toISOString())
    const later = { sub: 'mara', exp: inMinutes(5) }
    for (let i = 0; i < 5; i++) await me(await issuer.sign(later, { kid: `${i}` }, unknown))
    t.equal(issuer.asked.keys, before + 1, 'one request after that')
    house.travelTo(new Date(Date.now() + 62_000).toISOString())
    await issuer.changeKey()
    t.equal((await me(await issuer.tokenOf('mara'))).statusCode, 200, 'a changed key is found')
  },
)

t.test('where access tokens need no type, a token of another type is still refused', async (t) => {
  const { issuer, bind, me } = await world(t, { OIDC_TOKEN_TYPES: 'at+jwt, jwt' })
  await bind(await issuer.tokenOf('mara'))
  const good = { sub: 'mara', exp: inMinutes(5) }
  const status = async (claims: object, typ = 'JWT') =>
    (await me(await issuer.sign({ ...good, ...claims }, { typ }))).statusCode

  t.equal(await status({}), 200)
  t.equal(await status({ typ: 'Bearer', azp: 'x' }), 200)
  t.equal(await status({}, 'application/at+jwt'), 200)
  const marks = [{ nonce: 'x' }, { at_hash: 'x' }, { c_hash: 'x' }, { events: {} }, { typ: 'ID' }]
  for (const claims of [...marks, { cnf: {} }]) t.equal(await status(claims), 401, JSON.stringify(claims))
  t.equal(await status({}, 'logout+jwt'), 401)
})

type Published = { document: (issuer: string) => object | string; keys?: { status: number; body: string } }

/** The code that the log shows the operator for a provider with this configuration. */
async function loggedFor(t: Test, { document, keys = { status: 200, body: '{"keys":[]}' } }: Published) {
  const server = createServer((request, response) => {
    const published = document(issuer)
    if (request.url === '/jwks') response.writeHead(keys.status).end(keys.body)
    else response.end(typeof published === 'string' ? published : JSON.stringify(published))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  const lines: string[] = []
  const log = { write: (line: string) => void lines.push(line) }
  const house = await openHouse(t, { settings: { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience }, log })
  const key = await signingKey('first')
  const token = await new SignJWT({ iss: issuer, aud: audience, sub: 'mara', exp: inMinutes(5) })
    .setProtectedHeader({ alg: 'ES256', kid: 'first', typ: 'at+jwt' })
    .sign(key.privateKey)
  // The second request does not ask the provider again so soon, but the log still says why.
  const answers = [await house.ask('GET', '/v1/me', { token }), await house.ask('GET', '/v1/me', { token })]
  const codes = [...lines.join('').matchAll(/"code":"(\w+)"/g)].map(([, code = '']) => code)
  t.same(
    answers.map(({ statusCode }) => statusCode),
    [503, 503],
  )
  t.equal(codes.length, 2)
  t.equal(codes[0], codes[1])
  t.notMatch(lines.join(''), new RegExp(`${port}|${token.split('.')[2]}|elsewhere`), 'nothing else is logged')
  for (const { body } of answers)
    t.notMatch(body, /configuration_|keys_/, 'details are only for the operator')
  return codes[0]
}

t.test('keys of the provider are fetched only from its own host or over https', async (t) => {
  const elsewhere = createServer((_request, response) => {
    asked += 1
    response.end(JSON.stringify({ keys: [] }))
  }).listen(0, '127.0.0.1')
  let asked = 0
  await once(elsewhere, 'listening')
  t.teardown(() => elsewhere.close())
  const { port } = elsewhere.address() as AddressInfo
  const at = (address: string) => ({
    document: (issuer: string) => ({ issuer, jwks_uri: address }),
  })
  const own = (issuer: string) => ({ issuer, jwks_uri: `${issuer}/jwks` })
  const cases: readonly (readonly [Published, string])[] = [
    [at(`http://127.0.0.1:${port}/jwks`), 'keys_scheme_not_allowed'],
    [at(`https://127.0.0.1:${port}/jwks`), 'keys_port_not_allowed'],
    [at('https://127.0.0.1/jwks'), 'keys_address_not_public'],
    [at('http://169.254.169.254/jwks'), 'keys_scheme_not_allowed'],
    [{ document: () => 'x'.repeat(200_000) }, 'configuration_answer_too_large'],
    [{ document: () => 'elsewhere' }, 'configuration_malformed'],
    [
      { document: () => ({ ...own('x'), issuer: 'https://elsewhere.test' }) },
      'configuration_of_another_issuer',
    ],
    [{ document: own, keys: { status: 404, body: '' } }, 'keys_status_404'],
    [{ document: own, keys: { status: 200, body: '{"keys":"elsewhere"}' } }, 'keys_malformed'],
  ]

  for (const [published, code] of cases) t.equal(await loggedFor(t, published), code)
  t.equal(asked, 0)
})

t.test('tokens of a provider that changed its key before the first request are accepted', async (t) => {
  const { issuer, bind, me } = await world(t)
  await issuer.changeKey()

  t.equal((await bind(await issuer.tokenOf('mara'))).statusCode, 201)
  t.equal((await me(await issuer.tokenOf('mara'))).statusCode, 200)
})

t.test('while the provider is unavailable its users get 503, and other tokens still work', async (t) => {
  const { issuer, me, mara, link, bind } = await world(t)
  const token = await issuer.tokenOf('mara')
  const secret = await link()
  await issuer.stop()

  const answer = await me(token)
  t.match(answer.data, { status: 503, code: 'identity_provider_unavailable' })
  t.equal(answer.headers['retry-after'], '10')
  t.match((await bind(token, secret)).data, { code: 'identity_provider_unavailable' })
  t.equal((await me(mara.token)).statusCode, 200)
})

t.test('a bound account is revoked like any token, and cannot be bound to a second delegate', async (t) => {
  const { ask, askFresh, issuer, union, mara, link, bind, me } = await world(t)
  const token = await issuer.tokenOf('mara')
  const bound = (await bind(token)).data

  const again = await bind(token)
  t.match(again.data, { status: 409, code: 'account_bound' })
  t.equal((await ask('DELETE', `/v1/tokens/${bound['id']}`, { token: mara.token })).statusCode, 204)
  t.equal((await me(token)).statusCode, 401)
  const secret = await link()
  const answers = await Promise.all([bind(token, secret), bind(token, secret)])
  t.same(
    answers.map(({ statusCode }) => statusCode).sort(),
    [201, 410],
    'what was revoked may be bound anew, by one',
  )
  t.equal((await me(token)).statusCode, 200)
  const recalling = { token: union.token, body: { move: 'recall' } }
  await askFresh('POST', `/v1/mandates/${mara.mandateId}/transitions`, recalling)
  t.same((await me(token)).data['mandates'], [], 'authority comes from the mandate, not from the account')
})

t.test('an invalid access token binds no account and does not use up the enrolment link', async (t) => {
  const { issuer, link, bind } = await world(t)
  const secret = await link()

  for (const wrong of ['a.b.c', 'spt_x', await issuer.tokenForElsewhere('mara')]) {
    t.match((await bind(wrong, secret)).data, {
      status: 422,
      errors: [{ pointer: '/accessToken', code: 'invalid_token' }],
    })
  }
  t.equal((await bind(await issuer.tokenOf('mara'), secret)).statusCode, 201)
})

t.test('without an identity provider, signed tokens are refused', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const made = await house.ask('POST', `/v1/delegates/${union.delegateId}/enrolment-links`, {
    token: union.token,
    body: {},
  })
  const body = { secret: made.data['secret'], label: 'login', accessToken: 'aa.bb.cc' }

  t.equal((await house.ask('GET', '/v1/me', { token: 'aa.bb.cc' })).statusCode, 401)
  t.match((await house.ask('POST', '/v1/enrolments', { body })).data, {
    errors: [{ code: 'no_identity_provider' }],
  })
})
