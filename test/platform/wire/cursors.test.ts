import t from 'tap'
import { recordStatements } from '../../fixtures/statement-log.ts'
import { move, registerUnion, seat, verifiedUnion } from '../../fixtures/unions.ts'
import { draftPact, propose, world, type World } from '../../fixtures/world.ts'
import type { House } from '../../harness.ts'

const forged = (cursor: string, position: unknown): string =>
  `${cursor.split('.')[0]}.${Buffer.from(JSON.stringify(position)).toString('base64url')}`

async function cursorOf(house: House, url: string, token?: string): Promise<string> {
  const { nextCursor } = (await house.ask('GET', url, { token })).data
  if (typeof nextCursor !== 'string') throw new Error(`${url} has one page only`)
  return nextCursor
}

t.test('a cursor works only with its own filters, with any page size', async (t) => {
  const house = await world(t)
  for (const name of ['Alpha', 'Beta', 'Gamma']) await verifiedUnion(house, house.coordinator, { name })
  const cursor = await cursorOf(house, '/v1/organisations?limit=1&country=BY')

  const other = await house.ask('GET', `/v1/organisations?limit=1&country=DE&cursor=${cursor}`)
  const none = await house.ask('GET', `/v1/organisations?limit=1&cursor=${cursor}`)
  const resized = await house.ask('GET', `/v1/organisations?limit=2&country=BY&cursor=${cursor}`)

  t.match([other.statusCode, other.data.code], [400, 'cursor_mismatch'])
  t.match([none.statusCode, none.data.code], [400, 'cursor_mismatch'])
  t.equal(resized.data.data.length, 2)
})

t.test('a cursor works only for its own list and its own resource', async (t) => {
  const house = await world(t)
  const { token } = house.icog
  await draftPact(house)
  await draftPact(house)
  const other = await registerUnion(house, { name: 'Another' })
  await seat(house, other, { office: 'observer' })
  const pacts = await cursorOf(house, '/v1/pacts?limit=1', token)
  const organisations = await cursorOf(house, '/v1/organisations?limit=1', token)
  const mandates = await cursorOf(house, `${other.url}/mandates?limit=1`, other.token)

  for (const [url, cursor, by] of [
    ['/v1/pacts', organisations, token],
    ['/v1/visits', organisations, token],
    ['/v1/organisations', pacts, token],
    [`${house.icog.url}/mandates`, mandates, token],
    [`${other.url}/transitions`, mandates, other.token],
  ] as const) {
    const answer = await house.ask('GET', `${url}?limit=1&cursor=${cursor}`, { token: by })
    t.match([answer.statusCode, answer.data.code], [400, 'cursor_mismatch'], url)
  }
  const own = await house.ask('GET', `/v1/pacts?limit=1&cursor=${pacts}`, { token })
  const shouted = `/v1/organisations/${other.id.toUpperCase()}/mandates?limit=1&cursor=${mandates}`
  t.match([own.statusCode, own.data.data.length], [200, 1])
  t.equal((await house.ask('GET', shouted, { token: other.token })).statusCode, 200)
})

t.test('every list refuses a forged cursor before any SQL statement', async (t) => {
  const house = await world(t)
  const { id } = house.union
  const statements = failedStatements(house)

  for (const [url, token, fitting] of await listsOfTwo(house)) {
    const cursor = await cursorOf(house, `${url}limit=1`, token)
    for (const position of [
      {},
      'x',
      [fitting],
      [fitting, 'x'],
      [fitting, id, 1],
      [7, id],
      [null, id],
      ...['yesterday', '\u0000', '+275760-09-13T00:00:00.000Z', '-1', 'NaN', '1e400', '', '9'.repeat(16)].map(
        (value) => [value, id],
      ),
    ]) {
      const answer = await house.ask('GET', `${url}limit=1&cursor=${forged(cursor, position)}`, { token })
      t.match(
        [answer.statusCode, answer.data.code],
        [400, 'cursor_mismatch'],
        `${url} ${JSON.stringify(position)}`,
      )
    }
    const good = await house.ask('GET', `${url}limit=1&cursor=${forged(cursor, [fitting, id])}`, { token })
    t.equal(good.statusCode, 200, `${url} ${good.body}`)
  }
  for (const cursor of ['x', '%00', '.', `${'a'.repeat(12)}.W10`]) {
    const answer = await house.ask('GET', `/v1/organisations?limit=1&cursor=${cursor}`)
    t.match([answer.statusCode, answer.data.code], [400, 'cursor_mismatch'], cursor)
  }
  t.equal((await house.ask('GET', `/v1/organisations?cursor=${'a'.repeat(601)}`)).statusCode, 422)
  t.same(statements, [])
})

/** A list for each sort order, with at least two rows, and a position that would fit it. */
async function listsOfTwo(house: World) {
  const { icog, coordinator, union } = house
  const { token } = icog
  await verifiedUnion(house, coordinator, { name: 'Metal union of Ulm' })
  const rejected = await registerUnion(house)
  await move(house, rejected.url, coordinator.token, 'reject')
  await move(house, rejected.url, rejected.token, 'resubmit')
  const pactId = await draftPact(house)
  await draftPact(house)
  const first = await propose(house, icog, pactId)
  await propose(house, icog, pactId, { supersedesId: first['id'] })
  const instant = '2026-03-02T10:00:00.000Z'
  return [
    ['/v1/organisations?', undefined, instant],
    ['/v1/organisations?q=metal&', undefined, '0.5'],
    [`${icog.url}/mandates?`, token, instant],
    [`${rejected.url}/transitions?`, rejected.token, '1'],
    [`/v1/pacts/${pactId}/proposals?`, token, '2'],
    ['/v1/pacts?', token, union.id],
    ['/v1/delegates?', token, union.id],
  ] as const
}

/** Collects PostgreSQL's refusals from now on. */
function failedStatements(house: House): string[] {
  const failed: string[] = []
  recordStatements(house.database, (answer) => {
    answer.catch((error: Error) => failed.push(error.message))
  })
  return failed
}
