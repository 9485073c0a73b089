/**
 * Sends requests made from the contract and checks every answer against it: no 5xx, and no status, header or field that is
 * not in the contract. `npm run fuzz -- --requests 20000 --seed 7` sends more. A failure reports its seed and the smallest
 * request that shows it.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { cast, principals, type Cast, type Principal } from './access/cast.ts'
import { committedContract } from './contract-checker.ts'
import { requestsOf, type Fitting, type Sent } from './fuzz/requests.ts'
import { Tally } from './fuzz/tally.ts'
import { valuesOf } from './fuzz/values.ts'
import { requests } from './resources/index.ts'

const numRuns = Number(process.env['FUZZ_REQUESTS'] ?? 600)
const seed = Number(process.env['FUZZ_SEED'] ?? 1848)
const patienceMs = 10_000
/** Enough requests to meet every operation in every state that the generator can make. */
const requestsForAll = 20_000

t.test(
  `${numRuns} requests from the contract are answered as the contract says`,
  { timeout: 0 },
  async (t) => {
    const world = await cast(t)
    const document = committedContract()
    const tally = new Tally(document)
    const values = valuesOf(document, Object.values(world.thingsFor('secretary', 'own')).filter(isId))

    const things = world.thingsFor('secretary', 'own')
    const fitting: Fitting = (operationId) => {
      const { of: places = {}, body } = requests[operationId] ?? {}
      const ids = Object.entries(places).map(([name, thing]) => [name, things[thing] ?? ''])
      return { ids: Object.fromEntries(ids), body: body?.(things, world) }
    }

    const property = fc.asyncProperty(requestsOf(document, values, askers, fitting), async (sent) => {
      tally.count(sent, await statusOf(world, sent))
    })
    await fc.assert(property, { seed, numRuns, endOnFailure: false })

    if (numRuns > 600) tally.print(seed)
    const { unasked, unsuccessful } = tally.missed
    t.ok(tally.spoilt > numRuns / 20, `${tally.spoilt} of them are spoilt`)
    t.ok(tally.succeeded > numRuns / 10, `${tally.succeeded} are good`)
    const goodLeast = numRuns >= requestsForAll ? tally.operations * 0.95 : tally.operations / 3
    t.ok(
      tally.operations - unsuccessful.length >= goodLeast,
      `never brought to a 2xx: ${unsuccessful.join()}`,
    )
    if (numRuns >= requestsForAll) t.same(unasked, [], 'every operation was asked for')
    else t.ok(unasked.length < tally.operations / 10, `never asked for: ${unasked.join()}`)
  },
)

/** All callers; those with the most rights occur more often. */
const askers = fc.constantFrom(
  ...principals,
  ...[
    'secretary',
    'secretary',
    'secretary',
    'secretary',
    'API client',
    'coordinator',
    'link holder',
    'link holder',
  ],
)

const isId = (value: string): boolean => /^[0-9a-f-]{36}$/.test(value)

async function statusOf(world: Cast, { method, url, principal, headers, payload }: Sent): Promise<number> {
  const token = world.tokenOf(principal as Principal, url)
  const asking = {
    token: headers['authorization'] === undefined ? token : undefined,
    headers,
    ...(payload !== undefined && { body: payload }),
  }
  const late = new Promise<never>((_, reject) =>
    setTimeout(reject, patienceMs, new Error('no answer in time')).unref(),
  )
  // The harness compares every answer with the contract and throws on a difference.
  const { statusCode } = await Promise.race([world.house.ask(method, url, asking), late])
  assert.ok(statusCode < 500, `answered ${statusCode}`)
  return statusCode
}
