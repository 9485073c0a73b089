import t from 'tap'
import { routesOf } from '../../access/matrix.ts'
import { committedContract } from '../../contract-checker.ts'
import { offered } from '../../fixtures/offers.ts'
import { json, organisationsIn, union } from '../../fixtures/requests.ts'
import { absentId } from '../../fixtures/unions.ts'
import { world } from '../../fixtures/world.ts'
import { openHouse } from '../../harness.ts'

const register = (accept: string) => ({ body: union, headers: { ...json, accept } })

/** Operations that protect people succeed whatever the client accepts. */
const protecting = [
  'sealOrganisation',
  'revokeToken',
  'revokeEnrolmentLink',
  'revokeInvitation',
  'revokeOfferLink',
]

t.test('every operation answers 406 to an Accept header without JSON, except urgent ones', async (t) => {
  const house = await world(t)
  const { link } = await offered(house)
  const tokens = [undefined, house.icog.token, house.operatorToken, link.token]

  for (const { method, path, operation } of routesOf(committedContract())) {
    const url = path.replaceAll(/\{\w+\}/g, absentId)
    const statuses = []
    for (const token of tokens) {
      const asking = { token, headers: { accept: 'text/calendar' } }
      statuses.push((await house.ask(method, url, asking)).statusCode)
    }
    t.equal(statuses.includes(406), !protecting.includes(operation.operationId), operation.operationId)
    if (protecting.includes(operation.operationId)) continue
    t.same(
      statuses.filter((status) => ![401, 403, 406].includes(status)),
      [],
      `${operation.operationId}: and who may not ask is told so first`,
    )
  }
})

t.test('a 406 lists the available formats, and the operation is not carried out', async (t) => {
  const house = await openHouse(t)

  for (const accept of [
    'text/calendar',
    'text/csv',
    'application/pdf',
    'application/json;q=0, */*',
    'image/*',
  ]) {
    const answer = await house.ask('POST', '/v1/organisations', register(accept))
    t.match([answer.statusCode, answer.data.code], [406, 'not_acceptable'], accept)
    t.match(answer.data.detail, 'application/json')
    t.match(answer.data.errors, [{ header: 'Accept', code: 'not_acceptable' }])
    t.match(answer.headers['content-type'], 'application/problem+json')
  }
  t.equal(await organisationsIn(house), 0)
})

t.test('every Accept header that allows JSON gets JSON', async (t) => {
  const house = await openHouse(t)
  const accepting = [
    '*/*',
    'application/*',
    'application/problem+json',
    'application/json; charset=utf-8',
    'text/csv;q=0.9, application/json;q=0.1',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    '',
  ]

  for (const accept of accepting) {
    const read = await house.ask('GET', '/v1/organisations', { headers: { accept } })
    t.match([read.statusCode, read.headers['content-type']], [200, 'application/json; charset=utf-8'], accept)
    t.equal((await house.ask('POST', '/v1/organisations', register(accept))).statusCode, 201, accept)
  }
})

t.test('health probes ignore Accept', async (t) => {
  const house = await openHouse(t)

  for (const url of ['/livez', '/readyz'])
    t.equal((await house.ask('GET', url, { headers: { accept: 'text/plain' } })).statusCode, 200)
})
