import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { appWithoutDatabase, generatedContract } from '../scripts/generated-contract.ts'
import { downgradeToOpenApi30 } from '../src/platform/contract/downgrade.ts'
import { committedContract, schemaValidator } from './contract-checker.ts'

const contract = committedContract()

t.test('the committed contract is what the routes say', async (t) => {
  t.strictSame(contract, await generatedContract(), 'else run npm run contract')
})

t.test('the committed contract for OpenAPI 3.0 is derived from the one for 3.1', async (t) => {
  t.strictSame(await read30(), downgradeToOpenApi30(contract), 'else run npm run contract')
})

t.test('the service serves both committed contracts', async (t) => {
  const app = await appWithoutDatabase()
  const served = await app.inject('/openapi.json')
  const servedOlder = await app.inject('/openapi-3.0.json')
  await app.close()

  t.strictSame(served.json(), contract)
  t.strictSame(servedOlder.json(), await read30())
})

t.test('both committed contracts are valid OpenAPI', async (t) => {
  for (const document of [{ ...contract }, await read30()]) {
    t.strictSame(await new Validator().validate(document), { valid: true })
  }
})

t.test('every example of the contract matches its schema exactly', async (t) => {
  const faultsOf = schemaValidator(contract)
  for (const [name, { value }] of Object.entries(contract.components.examples)) {
    t.strictSame(faultsOf(`/components/schemas/${name}`, value), [], name)
  }
})

t.test('every operation has an example of its request and of its answers', async (t) => {
  const operations = Object.values(contract.paths).flatMap((path) => Object.values(path))
  t.ok(operations.length > 0)
  for (const { operationId, requestBody, responses } of operations) {
    const contents = [requestBody, ...Object.values(responses)].flatMap((part) =>
      part && 'content' in part ? Object.values(part.content ?? {}) : [],
    )
    t.ok(
      contents.every(({ examples }) => Object.keys(examples ?? {}).length > 0),
      operationId,
    )
  }
})

t.test('no input in the contract has a default, because generated clients would require it', async (t) => {
  const written = [JSON.stringify(contract), JSON.stringify(await read30())]
  const { limit, pseudonym } = {
    limit: contract.paths['/v1/pacts']?.get?.parameters?.find((one) => 'name' in one && one.name === 'limit'),
    pseudonym: contract.components.schemas['CreateDelegate']?.properties?.['pseudonym'],
  }

  t.notOk(written.some((text) => text.includes('"default":')))
  t.match(limit, { required: false, description: 'When omitted: 25.' })
  t.match(pseudonym, { description: 'When omitted: true.' })
})

t.test('the contract says for every calendar date in which time zone its midnight is', async (t) => {
  const dates = datesIn(contract, '')

  t.ok(dates.length > 10)
  for (const [place, description] of dates) {
    t.match(description, /UTC|that the document shows/, place)
  }
})

/** The place of a calendar date, and its description: beside it, or for each of its possible forms. */
function datesIn(value: unknown, place: string): [string, string][] {
  if (typeof value !== 'object' || value === null || place.startsWith('/components/examples')) return []
  const { format, description, anyOf } = value as Record<string, unknown>
  if (format === 'date') return [[place, String(description)]]
  const forms = Array.isArray(anyOf) && typeof description === 'string' ? anyOf : []
  if (forms.some((form) => form.format === 'date')) return [[place, String(description)]]
  return Object.entries(value).flatMap(([key, part]) => datesIn(part, `${place}/${key}`))
}

async function read30(): Promise<Record<string, unknown>> {
  const file = new URL('../openapi/openapi-3.0.json', import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>
}

t.test('each chapter of the contract begins with the operation that a new user needs first', async (t) => {
  const operations = Object.values(committedContract().paths).flatMap((path) => Object.values(path))
  const firstOf = (tag: string) => operations.find(({ tags }) => tags[0] === tag)?.operationId

  t.equal(firstOf('Organisations'), 'registerOrganisation')
  t.equal(firstOf('Pacts'), 'draftPact')
  t.match(committedContract().info['description'], /\n# Getting started\n[^]*v1\/organisations[^]*v1\/me/)
})
