/** The clients of three generators must accept every body of the README and of the contract's examples. */
import { createClient } from '@hey-api/openapi-ts'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { generate } from 'orval'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { referenceName, type OpenApiDocument } from '../src/platform/contract/document.ts'
import { committedContract } from './contract-checker.ts'
import { playFirstSession, type Recorded } from './fixtures/readme-session.ts'

const contract = committedContract()

t.test('clients made by three generators take the bodies of the README and of the examples', async (t) => {
  const folder = await generatedFolder(t)
  const { service, exitCode, output, requests } = await playFirstSession(t)
  service.signal('SIGTERM')
  t.equal(exitCode, 0, output)
  await makeClients(folder)

  const calls = requests.map(callsOf)
  const examples = inputNames().map(satisfying)
  const faults = await faultsOf(folder, [...imports, ...calls.flat(), ...examples.flat()])

  t.ok(calls.length > 12 && examples.length > 30, `${calls.length} calls, ${examples.length} examples`)
  t.strictSame(faults, [])
})

t.test('a default in the contract would make the smallest registration of the README fail', async (t) => {
  const folder = await generatedFolder(t)
  const changed = structuredClone(contract)
  Object.assign(changed.components.schemas['FirstSecretary']?.properties?.['pseudonym'] ?? {}, {
    default: true,
  })
  await writeFile(path.join(folder, 'openapi-typescript.ts'), await typesOf(changed))

  const faults = await faultsOf(folder, [
    `import type { components } from './openapi-typescript.js'`,
    `void ({ displayName: 'Ed' } satisfies components['schemas']['FirstSecretary'])`,
  ])

  t.match(faults, [/'pseudonym' is missing/])
})

const imports = [
  `import createClient from 'openapi-fetch'`,
  `import type { components, paths } from './openapi-typescript.js'`,
  `import * as heyApi from './hey-api/index.js'`,
  `import * as orval from './orval.js'`,
  `const openapiFetch = createClient<paths>({ baseUrl: 'http://127.0.0.1:3000' })`,
]

/** Inside the project, so that imports resolve; git ignores it. */
async function generatedFolder(t: Test): Promise<string> {
  const parent = path.resolve(import.meta.dirname, '../.generated')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(path.join(parent, 'clients-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

async function makeClients(folder: string): Promise<void> {
  await writeFile(path.join(folder, 'openapi-typescript.ts'), await typesOf(contract))
  await createClient({
    input: structuredClone({ ...contract }),
    output: path.join(folder, 'hey-api'),
    plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    logs: { level: 'silent' },
  })
  const output = { target: path.join(folder, 'orval.ts'), client: 'fetch' as const, headers: true }
  await generate({ input: { target: structuredClone({ ...contract }) }, output }, folder, {
    logLevel: 'silent',
  } as never)
}

const typesOf = async (document: OpenApiDocument): Promise<string> =>
  astToString(await openapiTypescript(structuredClone(document) as never))

/** The request as each client makes it, one line for each. */
function callsOf({ method, path: url, ifMatch, body }: Recorded): string[] {
  const { template, operation, ids } = operationAt(method, url)
  const path = Object.keys(ids).length > 0 ? ids : undefined
  const header = ifMatch === undefined ? undefined : { 'If-Match': ifMatch }
  const read = body === '' ? undefined : (JSON.parse(body) as object)
  const params = path || header ? { path, header } : undefined
  const written = (value: unknown) => JSON.stringify(value)
  const positions = [...Object.values(ids), read, header].filter((each) => each !== undefined)
  return [
    `void openapiFetch.${method}('${template}', ${written({ params, body: read })})`,
    `void heyApi.${operation.operationId}(${written({ path, headers: header, body: read })})`,
    `void orval.${operation.operationId}(${positions.map(written).join(', ')})`,
  ]
}

function operationAt(method: string, url: string) {
  for (const [template, operations] of Object.entries(contract.paths)) {
    const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
    const match = pattern.exec(url)
    const operation = Object.entries(operations).find(([name]) => name === method.toLowerCase())?.[1]
    if (match && operation) return { template, operation, ids: { ...match.groups } }
  }
  throw new Error(`The contract has no ${method} ${url}`)
}

/** The schemas of all bodies in answers. */
function inputNames(): string[] {
  const operations = Object.values(contract.paths).flatMap((path) => Object.values(path))
  const names = operations.flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).map(({ schema }) => referenceName(schema.$ref ?? '')),
  )
  return [...new Set(names)]
}

function satisfying(name: string): string[] {
  const example = JSON.stringify(contract.components.examples[name]?.value)
  const types = [`components['schemas']['${name}']`, `heyApi.${name}`, `orval.${name}`]
  return types.map((type) => `void (${example} satisfies ${type})`)
}

const options: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
}

/** Faults in a user's code. The code that a generator adds is not checked. */
async function faultsOf(folder: string, statements: string[]): Promise<string[]> {
  const file = path.join(folder, 'use.ts')
  await writeFile(file, `${statements.join('\n')}\n`)
  const program = ts.createProgram([file], options)
  const source = program.getSourceFile(file)
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
    ({ messageText, start = 0 }) => {
      const line = source?.getLineAndCharacterOfPosition(start).line ?? 0
      return `${statements[line]?.slice(0, 120)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
    },
  )
}
