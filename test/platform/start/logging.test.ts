import { inspect } from 'node:util'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import t from 'tap'
import { printable } from '../../../src/platform/start/logging.ts'
import { asOwner } from '../../databases.ts'
import { enrol, openCoordination, registerUnion, verifiedUnion } from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'

const canary = 'Kanarienvogel'

t.test('the log contains routes, statuses and request ids, and no input', async (t) => {
  const lines: string[] = []
  const house = await openHouse(t, { log: { write: (line) => lines.push(line) } })
  const { ask } = house
  const { icog, first } = await openCoordination(house, { name: `${canary} ICOG` })
  const union = await verifiedUnion(house, first, { name: canary, about: canary, nameVariants: [canary] })
  const token = await enrol(house, union, union.delegateId)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  await ask('GET', `/v1/organisations?q=${canary}`)
  await ask('GET', `/v1/organisations?q=${canary}&nothing=${canary}`)
  await ask('GET', `/${canary}?token=${token}`)
  await ask('GET', `/v1/organisations/${canary}`)
  await ask('GET', `/v1/organisations/%${canary}`)
  await ask('GET', '/v1/me', { token: `spt_${canary.repeat(4)}` })
  await ask('GET', union.url, { token, headers: { 'user-agent': canary, 'x-forwarded-for': '203.0.113.7' } })
  await ask('PATCH', union.url, { token, body: { about: canary, [canary]: 1 }, headers: { 'if-match': '*' } })
  await ask('POST', '/v1/organisations', { body: `{"name": "${canary}` })
  await ask('POST', '/v1/organisations', { body: { name: canary, kind: canary } })
  await ask('POST', '/v1/organisations', { body: canary, headers: { 'content-type': canary } })
  await ask('POST', `${icog.url}/mandates`, {
    token: icog.token,
    body: { delegateId: icog.delegateId, office: 'secretary', evidence: canary },
  })
  await fetch(`${origin}/v1/organisations?q=${canary}`, { headers: { 'user-agent': canary } })
  // A bug of ours, with parameters in drizzle's message and the row in PostgreSQL's.
  await asOwner(
    house.ownerUrl,
    'alter table organisations add constraint no_canaries check (false) not valid',
  )
  const failed = await ask('POST', '/v1/organisations', {
    body: { kind: 'union', name: canary, country: 'BY', secretary: { displayName: canary } },
    headers: { 'idempotency-key': `${canary}-${canary}` },
  })
  await asOwner(house.ownerUrl, 'alter table organisations rename column about to about_not')
  // Not with `ask`, which compares the answer with a contract that has no 500.
  const broken = await house.app.inject({ url: union.url, headers: { authorization: `Bearer ${token}` } })

  t.equal(failed.statusCode, 422)
  t.equal(broken.statusCode, 500)
  t.match(broken.json(), { code: 'unexpected', detail: /Nothing was changed/ })
  const log = lines.join('')
  t.ok(lines.length > 40, 'at this level everything is logged')
  t.match(log, '"route":"/v1/organisations/:id"')
  t.match(log, '"code":"42703"', 'the failure, by its SQLSTATE')
  t.match(log, broken.json().requestId)
  for (const secret of [
    canary,
    canary.toLowerCase(),
    token,
    icog.token,
    union.id,
    union.delegateId,
    '203.0.113.7',
  ]) {
    t.notMatch(log, secret)
  }
  for (const word of [
    'remoteAddress',
    '127.0.0.1:',
    'user-agent',
    'insert into',
    'select ',
    '?q=',
    'Failing row',
  ]) {
    t.notMatch(log.replace(/"msg":"Server listening[^"]*"/, ''), word)
  }
})

t.test('ledger, answer and log use the same request id', async (t) => {
  const lines: string[] = []
  const house = await openHouse(t, { log: { write: (line) => lines.push(line) } })
  await registerUnion(house)

  const { rows } = await house.database.read.$client.query(
    "select request_id from ledger where type = 'organisation.registered'",
  )

  t.match(lines.join(''), (rows[0] as { request_id: string }).request_id)
})

t.test('a fatal error is printed without the row values in database messages', async (t) => {
  const { database } = await openHouse(t)
  const said = await database.read.execute(sql`select ${canary}::uuid`).catch((error: unknown) => error)
  const lost = new DrizzleQueryError('select $1', [canary], new Error('Connection terminated'))

  for (const error of [said, (said as Error).cause, lost]) {
    t.match(inspect(error), canary)
    t.notMatch(inspect(printable(error)), canary)
  }
  t.match(printable(said), { code: '22P02' })
  const own = new Error('a fault in the code')
  t.equal(printable(own), own)
})
