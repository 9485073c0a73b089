import t from 'tap'
import { jobs } from '../../src/jobs.ts'
import { allScopes } from '../../src/platform/access.ts'
import type { Job } from '../../src/platform/jobs/queue.ts'
import { absentId, ledgerOf } from '../fixtures/unions.ts'
import { tokenWorld as world } from '../fixtures/tokens.ts'

t.test('a delegate issues a token for another device with some of their scopes', async (t) => {
  const { house, ask, union, mint, meWith, travelTo } = await world(t)

  const minted = await mint(union.token, { scopes: ['organisations:read', 'delegates:read'], days: 2 })

  t.equal(minted.statusCode, 201, minted.body)
  t.match(minted.data, {
    kind: 'delegate',
    label: 'laptop',
    scopes: ['organisations:read', 'delegates:read'],
    organisation: null,
    expiresAt: '2026-03-04T10:00:00.000Z',
    revokedAt: null,
  })
  t.match(minted.data.secret, /^spt_[\w-]{43}$/)
  t.match(await ledgerOf(house, minted.data.id), [{ type: 'token.minted', details: { kind: 'delegate' } }])
  const read = await ask('GET', minted.headers.location as string, { token: union.token })
  t.notOk('secret' in read.data, 'the secret was shown once')
  travelTo('2026-03-04T09:59:59.000Z')
  t.equal((await meWith(minted.data.secret)).statusCode, 200)
  travelTo('2026-03-04T10:00:00.000Z')
  t.match((await meWith(minted.data.secret)).data, { status: 401, code: 'unauthenticated' })
})

t.test('a token can use and pass on only its own scopes', async (t) => {
  const { ask, union, mint } = await world(t)
  const { secret } = (await mint(union.token, { scopes: ['organisations:read', 'delegates:write'] })).data

  const change = await ask('PATCH', union.url, { token: secret, body: {}, headers: { 'if-match': '*' } })
  const list = await ask('GET', '/v1/delegates', { token: secret })
  const more = await mint(secret, { scopes: ['organisations:read', 'pacts:write'] })

  t.match(change.data, { status: 403, code: 'forbidden', detail: /organisations:write/ })
  t.match(list.data, { status: 403, detail: /delegates:read/ })
  t.match(more.data, { status: 403, detail: /pacts:write/ })
  t.equal((await mint(secret, { scopes: ['organisations:read'] })).statusCode, 201)
})

t.test('a scope or power cannot be repeated in a token or a mandate', async (t) => {
  const { ask, union, mint } = await world(t)
  const { id, delegateId, token } = union

  const machine = await mint(token, {
    scopes: ['pacts:read', 'pacts:read'],
    organisationId: id,
    powers: ['visit', 'visit'],
  })
  const mandate = await ask('POST', `/v1/organisations/${id}/mandates`, {
    token,
    body: { delegateId, office: 'chair', powers: ['sign', 'visit', 'sign'] },
  })

  t.match(machine.data, {
    status: 422,
    errors: [
      { pointer: '/scopes/1', code: 'duplicate' },
      { pointer: '/powers/1', code: 'duplicate' },
    ],
  })
  t.match(mandate.data, { status: 422, errors: [{ pointer: '/powers/2', code: 'duplicate' }] })
})

t.test('every operation refuses a token that lacks its scope', async (t) => {
  const { app, ask, union, mint } = await world(t)
  const operations = Object.entries(app.contract().paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ path, method: method.toUpperCase() as 'GET' })),
  )
  const secrets = new Map<string, string>()
  for (const scope of allScopes()) {
    const others = allScopes().filter((other) => other !== scope)
    secrets.set(scope, (await mint(union.token, { scopes: others })).data.secret)
  }
  const routes = operations.filter(({ path }) => !path.startsWith('/v1/me'))
  t.ok(routes.length > 20)

  for (const { path, method } of routes) {
    const url = path.replaceAll(/\{\w+\}/g, absentId)
    const refusing = []
    for (const [scope, token] of secrets) {
      const answer = await ask(method, url, { token, headers: { 'if-match': '*' } })
      if (answer.statusCode === 403 && String(answer.data.detail).includes(scope)) refusing.push(scope)
    }
    const open = (await ask(method, url)).statusCode !== 401
    t.equal(refusing.length <= 1, true, `${method} ${path} asks for one scope at most`)
    // Operations that need a token but no scope are open to every token, or to kinds of caller without scopes.
    if (!open && refusing.length === 0) {
      t.ok(
        /^\/v1\/(tokens\/\{|answers|offer-links|claims)|organisations\/\{id\}\/claims/.test(path),
        `${method} ${path}`,
      )
    }
  }
})

t.test('a revoked token is refused from the next request on, and can be revoked again', async (t) => {
  const { house, ask, union, mint, meWith } = await world(t)
  const { id, secret } = (await mint(union.token, { scopes: ['pacts:read'] })).data
  const revoke = () => ask('DELETE', `/v1/tokens/${id}`, { token: union.token })

  const answers = [await revoke(), await revoke()]

  t.same(
    answers.map(({ statusCode, body }) => [statusCode, body]),
    [
      [204, ''],
      [204, ''],
    ],
  )
  for (let n = 0; n < 20; n++) t.equal((await meWith(secret)).statusCode, 401)
  t.match((await ask('GET', `/v1/tokens/${id}`, { token: union.token })).data, {
    revokedAt: '2026-03-02T10:00:00.000Z',
  })
  t.equal((await ledgerOf(house, id)).filter(({ type }) => type === 'token.revoked').length, 1)
})

t.test('any token can revoke itself, whatever its scopes', async (t) => {
  const { ask, union, mint, meWith, operatorToken } = await world(t)
  const { id, secret } = (await mint(union.token, { scopes: ['visits:read'] })).data

  t.equal((await ask('DELETE', `/v1/tokens/${id}`, { token: secret })).statusCode, 204)
  t.equal((await meWith(secret)).statusCode, 401)
  t.equal((await ask('DELETE', `/v1/tokens/${absentId}`, { token: operatorToken })).statusCode, 404)
})

t.test('pages of the list of tokens contain each token once, newest first', async (t) => {
  const { ask, union, mint, travelTo } = await world(t)
  const ids = []
  for (const minute of [1, 2, 3, 4, 5]) {
    travelTo(`2026-03-02T10:0${minute}:00.000Z`)
    ids.unshift((await mint(union.token, { scopes: ['pacts:read'] })).data.id)
  }

  const found: string[] = []
  for (let url = '/v1/tokens?limit=2'; url !== '';) {
    const page = await ask('GET', url, { token: union.token })
    t.equal(page.statusCode, 200, page.body)
    found.push(...page.data.data.map(({ id }: { id: string }) => id))
    url = /<([^>]+)>; rel="next"/.exec(String(page.headers.link))?.[1] ?? ''
    t.equal(url === '', page.data.nextCursor === null)
  }

  t.same(found.slice(0, 5), ids)
  t.equal(found.length, 6, 'including the first token')
})

t.test('a job deletes expired and revoked tokens and links, and no tokens in use', async (t) => {
  const { house, union, link, enrol, meWith, mint, travelTo, run } = await world(t)
  const forget = jobs.find((job) => job.name === 'tokens.forget_dead') as Job
  const { secret } = (await link(union.token, union.delegateId)).data
  await enrol(secret)
  const long = (await mint(union.token, { scopes: ['pacts:read'] })).data
  await house.database.read.$client.query(
    `update tokens set expires_at = '2026-06-01T10:00:00Z', used_on = '2026-05-01' where id = $1`,
    [long.id],
  )
  const count = async (table: string) =>
    (await house.database.read.$client.query(`select count(*)::int as n from ${table}`)).rows[0]

  travelTo('2026-05-05T10:00:00.000Z')
  await run(forget)

  t.same(await count('enrolment_links'), { n: 0 })
  t.same(await count('tokens'), { n: 2 }, 'the long-lived one and the operator’s')
  t.equal((await meWith(long.secret)).statusCode, 200)
  t.equal((await enrol(secret)).statusCode, 410, 'the link gives the same error as before')
})

t.test('the database stores no token secret and no link secret', async (t) => {
  const { house, union, link, mint } = await world(t)
  const enrolment = (await link(union.token, union.delegateId)).data.secret
  const minted = (await mint(union.token, { scopes: ['pacts:read'] })).data.secret

  const { rows } = await house.database.read.$client.query(
    `select tokens::text as kept from tokens union all select enrolment_links::text from enrolment_links
     union all select ledger::text from ledger`,
  )

  const kept = rows.map((row) => (row as { kept: string }).kept).join('\n')
  t.ok(kept.length > 1000)
  for (const secret of [union.token, house.operatorToken, enrolment, minted]) {
    t.notMatch(kept, secret.slice(4))
    t.notMatch(kept, Buffer.from(secret).toString('hex'))
  }
})
