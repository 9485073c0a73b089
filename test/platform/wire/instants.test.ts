import t from 'tap'
import type { Parameter } from '../../../src/platform/contract/document.ts'
import { instantInput } from '../../../src/platform/wire/common-schemas.ts'
import { committedContract } from '../../contract-checker.ts'
import { done, draftPact, terms, world } from '../../fixtures/world.ts'
import { putResources } from '../../fixtures/put-resources.ts'

const spellings: [sent: string, read: string][] = [
  ['2026-11-23T20:00:00Z', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T20:00:00+00:00', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T20:00:00-00:00', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T21:00:00+01:00', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T14:30:00.5-05:30', '2026-11-23T20:00:00.500Z'],
  ['2026-11-23t20:00:00z', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T20:00:00.123456Z', '2026-11-23T20:00:00.123Z'],
  ['2026-11-23T20:00:00.999999999+00:00', '2026-11-23T20:00:00.999Z'],
  ['2026-12-01T00:30:00+01:00', '2026-11-30T23:30:00.000Z'],
  ['2024-02-29T23:59:59-14:00', '2024-03-01T13:59:59.000Z'],
]

const refused = [
  '2026-11-23T20:00:00',
  '2026-11-23 20:00:00Z',
  '2026-11-23T20:00Z',
  '2026-11-23T20:00:00+0100',
  '2026-11-23T20:00:00+24:00',
  '2026-11-23T24:00:00Z',
  '2026-11-23T20:00:60Z',
  '2026-02-30T20:00:00+01:00',
  '1900-01-01T00:00:00+01:00',
  '2199-12-31T23:59:59-01:00',
  '20:00',
]

t.test('an instant with any offset is converted to UTC', async (t) => {
  for (const [sent, read] of spellings) t.equal(instantInput.parse(sent), read, sent)
  for (const sent of refused) t.notOk(instantInput.safeParse(sent).success, sent)
})

t.test(
  'in a query all spellings of an instant mean the same, and a raw + is refused with how to write it',
  async (t) => {
    const { ask, host } = await putResources(t)
    const lists = Object.entries(committedContract().paths).flatMap(([path, { get }]) =>
      (get?.parameters ?? [])
        .filter(
          (one): one is Parameter =>
            'schema' in one && one.in === 'query' && one.schema.format === 'date-time',
        )
        .map(({ name }) => ({ path, name })),
    )
    t.ok(lists.length >= 3, 'the contract was walked')

    for (const { path, name } of lists) {
      const get = (value: string) => ask('GET', `${path}?${name}=${value}`, { token: host.token })
      const inUtc = await get('2020-08-20T09:00:00Z')
      t.equal(inUtc.statusCode, 200, `${path} ${name}: ${inUtc.body}`)
      for (const same of [
        '2020-08-20T11:00:00%2B02:00',
        '2020-08-20t09:00:00.000000z',
        '2020-08-20T08:00:00-01:00',
      ])
        t.equal((await get(same)).body, inUtc.body, `${path} ${same}`)
      t.match((await get('2020-08-20T11:00:00+02:00')).data, {
        status: 422,
        errors: [{ parameter: name, code: 'invalid_format', detail: /as %2B/ }],
      })
    }
  },
)

t.test('a cursor works with another spelling of the same instant', async (t) => {
  const { ask } = await putResources(t)
  const page = async (query: string) => done(await ask('GET', `/v1/organisations?limit=1&${query}`)).data

  const first = await page('updatedAfter=2020-01-01T00:00:00Z')
  const next = await page(`updatedAfter=2020-01-01T01:00:00%2B01:00&cursor=${first['nextCursor']}`)

  t.not(next['data'][0].id, first['data'][0].id)
})

t.test('an instant is stored, hashed and returned in UTC', async (t) => {
  const { ask, things } = await putResources(t)
  const { url, token } = things.find(
    ({ operationId }) => operationId === 'writeItinerary',
  ) as (typeof things)[number]
  const item = { place: 'Gate 3', activity: 'Talk' }
  const body = {
    items: [{ ...item, startsAt: '2020-10-23T10:00:00.0009+02:00', endsAt: '2020-10-23t10:00:00z' }],
  }

  done(await ask('PUT', url, { token, body }))

  t.match((await ask('GET', url, { token })).data, {
    items: [{ startsAt: '2020-10-23T08:00:00.000Z', endsAt: '2020-10-23T10:00:00.000Z' }],
  })
})

t.test('a deadline at 20:00 in Berlin is a deadline at 19:00 UTC', async (t) => {
  const house = await world(t)
  const { ask, icog } = house
  const [one, other] = [await draftPact(house), await draftPact(house)]
  const day = new Date(house.now().getTime() + 40 * 86_400_000).toISOString().slice(0, 10)
  const propose = async (id: string, answerBy: string) =>
    done(
      await ask('POST', `/v1/pacts/${id}/proposals`, { token: icog.token, body: terms(house, { answerBy }) }),
    ).data

  const inBerlin = await propose(one, `${day}T20:00:00.000000+01:00`)
  const inUtc = await propose(other, `${day}T19:00:00Z`)

  t.equal(inBerlin['answerBy'], `${day}T19:00:00.000Z`)
  t.equal(inBerlin['answerBy'], inUtc['answerBy'])
})
