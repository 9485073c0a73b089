import t from 'tap'
import { methods, type Operation } from '../../../src/platform/contract/document.ts'
import { committedContract } from '../../contract-checker.ts'
import { askByHand, type ByHand } from '../../fixtures/sockets.ts'
import { absentId, registerUnion } from '../../fixtures/unions.ts'
import { openHouse } from '../../harness.ts'

const chunked = { 'Transfer-Encoding': 'chunked' }
const noChunks = '0\r\n\r\n'

/** How clients send no body: axios and many SDKs send a Content-Type with every request. */
const nothing: Record<string, Pick<ByHand, 'headers' | 'body'>> = {
  'a type and no length': { headers: { 'Content-Type': 'application/json' } },
  'a type with a charset': { headers: { 'Content-Type': 'application/json; charset=utf-8' } },
  'a type and the length 0': { headers: { 'Content-Type': 'application/json', 'Content-Length': '0' } },
  'a type and no chunks': { headers: { 'Content-Type': 'application/json', ...chunked }, body: noChunks },
  'a merge patch of length 0': {
    headers: { 'Content-Type': 'application/merge-patch+json', 'Content-Length': '0' },
  },
  'an empty form': {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '0' },
  },
  'an empty coding': {
    headers: { 'Content-Type': 'application/json', 'Content-Length': '0', 'Content-Encoding': 'gzip' },
  },
  'the length 0 alone': { headers: { 'Content-Length': '0' } },
  'no chunks and no type': { headers: chunked, body: noChunks },
  'a line break': { headers: { 'Content-Type': 'application/json', 'Content-Length': '2' }, body: '\r\n' },
}

/** If an operation takes no body, an empty object counts as none. */
const nothingOrEmpty: typeof nothing = {
  ...nothing,
  'an empty object': { headers: { 'Content-Type': 'application/json', 'Content-Length': '2' }, body: '{}' },
}

const noHeader: (typeof nothing)[string] = {}

type Listed = Operation & { method: string; path: string }

const operations: Listed[] = Object.entries(committedContract().paths).flatMap(([path, item]) =>
  methods.flatMap((method) => {
    const operation = item[method]
    return operation
      ? [{ ...operation, method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, absentId) }]
      : []
  }),
)
const withoutBody = operations.filter(({ method, requestBody }) => method !== 'GET' && !requestBody)
const withBody = operations.filter(({ requestBody }) => requestBody)

t.test('a Content-Type without a body is accepted where the operation takes no body', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  t.ok(withoutBody.length >= 15, 'the contract was walked')

  for (const { operationId, method, path } of withoutBody) {
    for (const token of [union.token, house.operatorToken]) {
      const own = { Authorization: `Bearer ${token}`, 'If-Match': '*' }
      const ask = async ({ headers, body }: Pick<ByHand, 'headers' | 'body'>) => {
        const asked = { method, path, headers: { ...own, ...headers }, ...(body && { body }) }
        const { status, data } = await askByHand(origin, asked)
        return { status, code: data['code'], errors: data['errors'] }
      }
      // The first request may delete or start something.
      await ask({})
      const plain = await ask({})
      t.notOk([400, 415, 422].includes(plain.status), operationId)
      for (const [what, how] of Object.entries(nothingOrEmpty))
        t.same(await ask(how), plain, `${operationId}: ${what}`)
    }
  }
})

t.test('a client that sends a Content-Type without a body can seal an organisation', async (t) => {
  const house = await openHouse(t)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  for (const [what, { headers, body }] of Object.entries(nothingOrEmpty)) {
    const { id, token } = await registerUnion(house)
    const asked = {
      method: 'PUT',
      path: `/v1/organisations/${id}/seal`,
      headers: { Authorization: `Bearer ${token}`, ...headers },
      ...(body && { body }),
    }
    const { status, data } = await askByHand(origin, asked)
    t.match([status, data['status']], [200, 'sealed'], what)
  }
})

t.test('an empty body answers 422 where the operation requires one', async (t) => {
  const house = await openHouse(t)
  const union = await registerUnion(house)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })

  for (const { operationId, method, path } of withBody) {
    for (const [what, { headers, body }] of [...Object.entries(nothing), ['no header', noHeader] as const]) {
      const own = { Authorization: `Bearer ${union.token}`, 'If-Match': '*' }
      const asked = { method, path, headers: { ...own, ...headers }, ...(body && { body }) }
      const { status, data } = await askByHand(origin, asked)
      if (status === 403) break
      t.match(
        [status, data['code'], data['errors']],
        [422, 'invalid_input', [{ pointer: '', code: 'required', detail: /body is empty/ }]],
        `${operationId}: ${what}`,
      )
    }
  }
})

t.test('a body that is not JSON, and one where none is taken, are refused', async (t) => {
  const house = await openHouse(t)
  const { token } = await registerUnion(house)
  const origin = await house.app.listen({ host: '127.0.0.1', port: 0 })
  const ask = (method: string, path: string, headers: Record<string, string>, body: string) =>
    askByHand(origin, {
      method,
      path,
      headers: { Authorization: `Bearer ${token}`, 'Content-Length': String(body.length), ...headers },
      body,
    })

  const form = await ask('POST', '/v1/organisations', { 'Content-Type': 'text/plain' }, '{}')
  const untyped = await ask('POST', '/v1/organisations', {}, '{}')
  const blank = await ask('POST', '/v1/organisations', { 'Content-Type': 'application/json' }, ' \r\n')
  const unexpected = await ask(
    'DELETE',
    `/v1/tokens/${absentId}`,
    { 'Content-Type': 'application/json' },
    '{"really":true}',
  )

  t.match([form.status, untyped.status], [415, 415])
  t.match([blank.status, blank.data['errors']], [422, [{ code: 'required' }]])
  t.match([unexpected.status, unexpected.data['errors']], [422, [{ code: 'unexpected_body' }]])
})
