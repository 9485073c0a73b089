import { readdirSync } from 'node:fs'
import t from 'tap'
import { contractChecker, type Answer } from './contract-checker.ts'
import { unreachedOperations } from './contract-coverage.ts'
import { aUnion, smallApp } from './fixtures/small-app.ts'

const app = smallApp()
await app.ready()
const contract = app.contract()
const { check } = contractChecker(contract)

const headers = { 'request-id': '1', 'content-type': 'application/json; charset=utf-8', etag: '"1"' }
const read: Answer = {
  method: 'GET',
  url: `/v1/unions/${aUnion.id}`,
  status: 200,
  headers,
  body: JSON.stringify(aUnion),
}
const problem = {
  type: 'https://pact.example/problems/not_found',
  title: 'Not found',
  status: 404,
  detail: 'There is no such union.',
  instance: read.url,
  code: 'not_found',
  requestId: '1',
}
const refused: Answer = {
  ...read,
  status: 404,
  headers: { ...headers, 'content-type': 'application/problem+json' },
  body: JSON.stringify(problem),
}

t.test('the contract checker accepts answers that follow the contract', async (t) => {
  t.doesNotThrow(() => check(read))
  t.doesNotThrow(() => check({ ...read, url: `${read.url}?verbose` }))
  t.doesNotThrow(() => check({ ...read, method: 'HEAD', body: '' }))
  t.doesNotThrow(() => check({ ...read, status: 304, headers: { 'request-id': '1', etag: '"1"' }, body: '' }))
  t.doesNotThrow(() => check(refused))
  t.doesNotThrow(() => check({ ...refused, url: '/v1/nothing' }))
  t.doesNotThrow(() => check({ ...read, url: '/livez', headers: {}, body: 'ok' }))
})

t.test('the contract checker names every breach of the contract', async (t) => {
  const { etag, ...withoutEtag } = headers
  const { name, ...withoutName } = aUnion
  const breaches: [string, RegExp, Answer][] = [
    ['a status that is not listed', /getUnion does not list the status/, { ...read, status: 202 }],
    ['a failure', /does not list the status/, { ...refused, status: 500 }],
    [
      'another content type',
      /content type text\/plain/,
      { ...read, headers: { ...headers, 'content-type': 'text/plain' } },
    ],
    ['a missing header', /header ETag is missing/, { ...read, headers: withoutEtag }],
    ['a malformed header', /the header ETag: /, { ...read, headers: { ...headers, etag: 'x' } }],
    ['a field that is not listed', /secret/, { ...read, body: JSON.stringify({ ...aUnion, secret: etag }) }],
    [
      'a field that is not listed, deep inside',
      /\/meets.*secret/,
      { ...read, body: JSON.stringify({ ...aUnion, meets: { ...aUnion.meets, secret: name } }) },
    ],
    ['a missing field', /required property 'name'/, { ...read, body: JSON.stringify(withoutName) }],
    [
      'a wrong format',
      /\/createdAt/,
      { ...read, body: JSON.stringify({ ...aUnion, createdAt: 'yesterday' }) },
    ],
    [
      'a problem with an unlisted field',
      /stack/,
      { ...refused, body: JSON.stringify({ ...problem, stack: '' }) },
    ],
    [
      'a body where there is none',
      /body where the contract has none/,
      { ...read, method: 'DELETE', status: 204 },
    ],
    ['an answer to HEAD with a body', /answer to HEAD/, { ...read, method: 'HEAD' }],
    ['an operation that is not listed', /does not list this operation/, { ...read, method: 'PUT' }],
    [
      'an unknown path refused in another way',
      /not application\/problem/,
      { ...read, url: '/v1/nothing', status: 404 },
    ],
  ]
  for (const [title, message, answer] of breaches) t.throws(() => check(answer), { message }, title)
})

t.test('operations without a 2xx answer in any test process are reported', async (t) => {
  const folder = t.testdir()
  const before = process.env['TEST_COVERAGE_FOLDER']
  process.env['TEST_COVERAGE_FOLDER'] = folder
  t.teardown(() => {
    if (before === undefined) delete process.env['TEST_COVERAGE_FOLDER']
    else process.env['TEST_COVERAGE_FOLDER'] = before
  })

  check(read)
  check(refused)
  check({ ...read, method: 'DELETE', status: 204, headers, body: '' })

  t.strictSame(readdirSync(folder).sort(), ['getUnion', 'removeUnion'])
  t.strictSame(await unreachedOperations(contract, folder), ['listUnions', 'registerUnion'])
  t.equal((await unreachedOperations(contract, `${folder}/missing`)).length, 4)
})
