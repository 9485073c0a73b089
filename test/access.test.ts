/**
 * Requests every operation as seventeen principals, on their own thing, on a stranger's and on none, and compares the status and
 * every place in the answer with test/access/tables. After a change, `WRITE_ACCESS=1 npm test -- test/access.test.ts` writes
 * the tables again. Read each line of the difference before you commit it: it says who may know what.
 */
import t from 'tap'
import { committedContract } from './contract-checker.ts'
import { cast, principals } from './access/cast.ts'
import { classesIn, toldPastTheirClass } from './access/classes.ts'
import {
  ask,
  cellsOf,
  kinds,
  pathsOf,
  readTable,
  routesOf,
  rowOf,
  told,
  writeTable,
  type Cell,
  type Route,
} from './access/matrix.ts'
import { plainly } from './fixtures/unions.ts'
import type { Answer } from './harness.ts'

/** One operation is enough if only its guard was removed. */
const only = process.env['ACCESS_ONLY'] ?? ''
const contract = committedContract()
const routes = routesOf(contract).filter(({ operation }) => !only || operation.operationId === only)
const tagOf = ({ operation }: Route): string => operation.tags?.[0] ?? ''
const isWriting = process.env['WRITE_ACCESS'] === '1'

/** Pages and probes that are not in the contract. They are the same for everybody and about nobody. */
const hidden = [
  '/',
  '/openapi.json',
  '/openapi-3.0.json',
  '/docs',
  '/docs/',
  '/docs/reader.js',
  '/offer',
  '/invitation',
  '/problems',
  '/problems/not_found',
  '/livez',
  '/readyz',
]

for (const tag of new Set(routes.map(tagOf))) {
  t.test(`${tag}: to each their own, and nothing else`, async (t) => {
    const world = await cast(t)
    const table = await readTable(tag)
    const seen: typeof table = {}

    for (const route of routes.filter((one) => tagOf(one) === tag)) {
      const { operationId } = route.operation
      const cells = await cellsOf(world, route)
      seen[operationId] = rowOf(cells)
      if (!isWriting) t.same(seen[operationId], table[operationId] ?? 'no row', operationId)
      t.ok(
        cells.some(({ answer }) => answer.statusCode < 300),
        `${operationId} is for somebody`,
      )
      t.same(outsidersWhoAreTold(route, cells), [], `${operationId} tells no outsider`)
      t.same(
        toldPastTheirClass(contract, route, cells),
        [],
        `${operationId} keeps to the classes of its fields`,
      )
      t.same(differences(cells), [], `${operationId}: what is another's is as if it were not there`)
    }
    if (isWriting) await writeTable(tag, only ? { ...table, ...seen } : seen)
    if (!only)
      t.same(Object.keys(table).sort(), Object.keys(seen).sort(), 'no row is of an operation that is gone')
  })
}

t.test('the access test notices a field that is sent beyond its class', async (t) => {
  const getPact = routesOf(contract).find(({ operation }) => operation.operationId === 'getPact')
  const pact = { id: 'x', title: 'Ours', parties: [] }
  const answer = { statusCode: 200, data: pact } as unknown as Answer
  const cells = (['secretary', 'foreign secretary'] as const).map((principal) => ({
    kind: 'foreign' as const,
    principal,
    answer,
  }))
  t.same(getPact && toldPastTheirClass(contract, getPact, cells), [
    'secretary: Pact.id is of class parties',
    'secretary: Pact.title is of class parties',
  ])
  const list = { $ref: '#/components/schemas/VisitList' }
  const within = classesIn(contract, list, { data: [{ place: 'Stuttgart' }], nextCursor: null })
  t.same([...within], [['Visit.place', 'parties']])
})

t.test('HEAD reveals no more than GET', async (t) => {
  const world = await cast(t)
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const wrong: string[] = []
    for (const kind of kinds) {
      for (const principal of principals) {
        const [get, head] = [
          await ask(world, route, kind, principal),
          await ask(world, route, kind, principal, true),
        ]
        if (get.statusCode !== head.statusCode || head.body !== '') wrong.push(`${kind} ${principal}`)
      }
    }
    t.same(wrong, [], route.path)
  }
})

t.test(
  'the access tables cover every route, and routes outside the contract answer everybody alike',
  { skip: only !== '' },
  async (t) => {
    const world = await cast(t)
    const listed = routes.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`)
    const unlisted = pathsOf(world.house.app).filter((route) => !listed.includes(route))
    t.same(unlisted.sort(), hidden.map((path) => `GET ${path.replace('not_found', ':code')}`).sort())

    for (const path of hidden) {
      const answers = await Promise.all(
        principals.map((principal) =>
          world.house.ask('GET', path, { token: world.tokenOf(principal, path) }),
        ),
      )
      const refused = ['expired link', 'revoked token']
      t.same(
        principals.filter((_, i) => (answers[i]?.statusCode ?? 500) >= 400),
        refused,
        path,
      )
      t.equal(new Set(answers.filter(({ statusCode }) => statusCode < 400).map(withoutNonce)).size, 1, path)
      t.notOk(
        answers.some((answer) => told(answer).length > 0),
        path,
      )
    }
  },
)

/** The documentation page allows its own scripts by a nonce that is new each time. */
const withoutNonce = ({ body }: Answer): string =>
  body.replaceAll(/(nonce="?|content=")[A-Za-z0-9+/]{20,}=*/g, '$1')

const insiders: Readonly<Record<string, readonly string[]>> = {
  own: [
    'link holder',
    'delegate',
    'secretary',
    'API client',
    'wrong scope',
    'counterpart',
    'second coordinator',
    'without a code',
  ],
  strangers: ['foreign secretary'],
}

/** Two coordinators together may disclose this about anybody, and the person is notified. */
const coordinators: readonly string[] = ['coordinator', 'second coordinator', 'without a code']
const byTwoCoordinators = [
  'listDisclosures',
  'getDisclosure',
  'getDisclosedIdentity',
  'listRecoveries',
  'getRecovery',
]

/** Callers get back the words that they sent themselves, so only reads count. */
const outsidersWhoAreTold = ({ method, operation }: Route, cells: readonly Cell[]): string[] =>
  method !== 'GET'
    ? []
    : cells
        .filter(({ principal, answer }) =>
          told(answer).some((whose) => !insiders[whose]?.includes(principal)),
        )
        .filter(
          ({ principal }) =>
            !coordinators.includes(principal) || !byTwoCoordinators.includes(operation.operationId),
        )
        .map(({ kind, principal }) => `${principal}, ${kind}`)

/** A 404 for a stranger's thing equals one for an absent thing, except for the request that it answers. */
function differences(cells: readonly Cell[]): string[] {
  return principals.filter((principal) => {
    const [foreign, absent] = (['foreign', 'absent'] as const).map(
      (kind) => cells.find((cell) => cell.kind === kind && cell.principal === principal)?.answer,
    )
    if (foreign?.statusCode !== 404 || !absent) return false
    return JSON.stringify(plainly(foreign)) !== JSON.stringify(plainly(absent))
  })
}
