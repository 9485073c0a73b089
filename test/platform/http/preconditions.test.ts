import t from 'tap'
import { entityTagsIn } from '../../../src/platform/http/entity-tags.ts'
import { methods } from '../../../src/platform/contract/document.ts'
import { committedContract } from '../../contract-checker.ts'
import { askByHand } from '../../fixtures/sockets.ts'
import { registerUnion } from '../../fixtures/unions.ts'
import { putResources } from '../../fixtures/put-resources.ts'
import { openHouse, type House } from '../../harness.ts'

/** A union at version 2, and a conditional change of its page. */
async function changeable(house: House) {
  const { url, token } = await registerUnion(house)
  const asking = (ifMatch: string, about: string) => ({
    token,
    body: { about },
    headers: { 'if-match': ifMatch },
  })
  await house.ask('PATCH', url, asking('*', 'Version 2'))
  const etag = String((await house.ask('GET', url, { token })).headers.etag).slice(1, -1)
  let changes = 0
  const change = (ifMatch: string) => house.ask('PATCH', url, asking(ifMatch, `Change ${++changes}`))
  const version = async () => (await house.ask('GET', url, { token })).data['version'] as number
  return { url, token, etag, change, version }
}

t.test('a list of entity tags is parsed in linear time, however many blanks it contains', async (t) => {
  const blanks = ' '.repeat(1_000_000)

  t.equal(entityTagsIn(`"2",${blanks}x`), undefined)
  t.same(entityTagsIn(`"2",${blanks}W/"3"${blanks},`), ['2', '3'])
})

t.test('If-Match is parsed as in RFC 9110 and compared by the version in the tag', async (t) => {
  const house = await openHouse(t)
  const taken = (etag: string) => [
    `"${etag}"`,
    `W/"${etag}"`,
    '"2"',
    'W/"2"',
    `"${etag}-gzip"`,
    `"foreign", W/"${etag}"`,
    `"1","2" , "3"`,
    ` , "2",`,
    `"a,b", "2"`,
    '*',
    ' * ',
  ]

  for (const [index] of taken('').entries()) {
    const { etag, change } = await changeable(house)
    const header = taken(etag)[index] as string
    t.match([(await change(header)).statusCode], [200], header)
  }
})

t.test(
  'If-Match with other tags answers 412, and a malformed one 422 with the name of the header',
  async (t) => {
    const house = await openHouse(t)
    const { change, version } = await changeable(house)

    for (const foreign of [
      '"1"',
      'W/"1.x"',
      '"x"',
      '""',
      '"1", "3"',
      '"99999999999.x"',
      '"2x"',
      '"é"',
      '"a,2"',
    ])
      t.match((await change(foreign)).data, { status: 412, code: 'stale_version' }, foreign)
    for (const malformed of ['', ',', '2', 'x', 'w/"2"', 'W/2', '"2" "3"', '"2', '*, "2"', '"2", *', "'2'"])
      t.match(
        (await change(malformed)).data,
        { status: 422, errors: [{ header: 'If-Match', code: 'invalid_format', detail: /quotes/ }] },
        malformed,
      )
    t.equal(await version(), 2)
  },
)

t.test('several If-Match lines are one list', async (t) => {
  const house = await openHouse(t)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  const { url, token, etag, version } = await changeable(house)
  const send = (first: string, second: string) => {
    const body = '{"about": "By two lines"}'
    // Two spellings of one name are sent as two header lines.
    const headers = { Authorization: `Bearer ${token}`, 'If-Match': first, 'if-match': second }
    const sent = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }
    return askByHand(origin, { method: 'PATCH', path: url, headers: { ...headers, ...sent }, body })
  }

  t.equal((await send('"foreign"', '"1"')).status, 412)
  t.equal((await send('"foreign"', `W/"${etag}"`)).status, 200)
  t.equal(await version(), 3)
})

t.test('If-None-Match: * on every PUT writes only if nothing exists', async (t) => {
  const { ask, things } = await putResources(t)
  const taking = Object.values(committedContract().paths).flatMap((item) =>
    methods.flatMap((method) => {
      const { operationId, parameters = [] } = item[method] ?? {}
      return JSON.stringify(parameters).includes('IfNoneMatchAny') ? [operationId] : []
    }),
  )
  t.same(things.map(({ operationId }) => operationId).sort(), taking.sort(), 'the contract was walked')

  for (const { operationId, url, token, body, other } of things) {
    const put = (header: string, sent = body) =>
      ask('PUT', url, { token, headers: { 'if-none-match': header }, ...(sent && { body: sent }) })
    const written = await put('*')
    t.equal(written.statusCode, 200, `${operationId}: ${written.body}`)
    t.match((await put('*', other)).data, { status: 412, code: 'already_there' }, operationId)
    t.match((await put('x')).data, { status: 422, errors: [{ header: 'If-None-Match' }] })
    t.match((await put(String(written.headers.etag))).data, { status: 412 }, 'it is what the tag names')
    if (body) t.match((await ask('GET', url, { token })).data, { ...body, version: 1 })
  }
})

t.test('If-Match on a PUT answers 412 if nothing exists, also for *', async (t) => {
  const { ask, things } = await putResources(t)

  for (const { operationId, url, token, body } of things.filter(({ body }) => body)) {
    for (const header of ['*', '"1"', 'W/"x"']) {
      const answer = await ask('PUT', url, { token, body, headers: { 'if-match': header } })
      t.match(answer.data, { status: 412, code: 'stale_version' }, `${operationId} ${header}`)
    }
    t.equal((await ask('GET', url, { token })).statusCode, 404)
  }
})

t.test('of several concurrent writes with If-None-Match: *, one succeeds', async (t) => {
  const { ask, things } = await putResources(t)

  for (const { operationId, url, token, body } of things) {
    const put = () => ask('PUT', url, { token, headers: { 'if-none-match': '*' }, ...(body && { body }) })
    const answers = await Promise.all([put(), put(), put(), put()])
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 412, 412, 412], operationId)
  }
})
