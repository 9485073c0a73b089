/** Checks every answer that a test receives against the committed contract. */
import { AssertionError } from 'node:assert'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import {
  methods,
  type Header,
  type Method,
  type OpenApiDocument,
  type Operation,
  type Reference,
  type Response,
} from '../src/platform/contract/document.ts'
import { walk } from '../src/platform/contract/schemas.ts'

export type Answer = {
  method: string
  /** As requested: `/v1/pacts/0193…?limit=1`. */
  url: string
  status: number
  /** By lower-case name. */
  headers: Record<string, unknown>
  body: string
}

export type ContractChecker = {
  /** Throws with all differences between the answer and the contract. */
  check: (answer: Answer) => void
}

/**
 * Stricter than clients should be: a field that the contract does not list is a fault, although answers within /v1 may gain
 * fields. If TEST_COVERAGE_FOLDER is set, writes a file there for each operation that answered 2xx.
 */
export function contractChecker(document: OpenApiDocument): ContractChecker {
  const find = operationFinder(document)
  const validate = schemaValidator(document)
  return {
    check: (answer) => {
      const found = find(answer)
      const faults = found ? faultsOf(answer, found, document, validate) : faultsOfUnlisted(answer, validate)
      if (faults.length > 0) throw new AssertionError({ message: complaint(answer, faults) })
      if (found && answer.status >= 200 && answer.status < 300) markReached(found.operation.operationId)
    },
  }
}

/** The committed contract, not the one that the code would generate now. */
export function committedContract(): OpenApiDocument {
  const file = new URL('../openapi/openapi.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument
}

type Found = {
  operation: Operation
  /** JSON Pointer of the operation. */
  pointer: string
}

type Validate = (pointer: string, value: unknown) => string[]

function operationFinder(document: OpenApiDocument) {
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    parameters: template.split('{').length - 1,
    pattern: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }))
  // Like the router: a fixed segment has priority over a parameter.
  templates.sort((left, right) => left.parameters - right.parameters)

  return ({ method, url }: Answer): Found | undefined => {
    const { pathname } = new URL(url, 'http://service.test')
    const template = templates.find(({ pattern }) => pattern.test(pathname))?.template
    const listed = asListed(method)
    const operation = template !== undefined && listed ? document.paths[template]?.[listed] : undefined
    if (!operation || template === undefined) return undefined
    return { operation, pointer: `/paths/${escapePointer(template)}/${listed}` }
  }
}

// HEAD is answered like GET; the contract says so once for all operations.
function asListed(method: string): Method | undefined {
  const name = method === 'HEAD' ? 'get' : method.toLowerCase()
  return methods.find((known) => known === name)
}

/** Returns, by JSON Pointer, the faults of a value. Unlisted fields are faults. */
export function schemaValidator(document: OpenApiDocument): Validate {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(closed(document), 'contract')
  const compiled = new Map<string, ValidateFunction>()
  return (pointer, value) => {
    const validator = compiled.get(pointer) ?? ajv.compile({ $ref: `contract#${encodeURI(pointer)}` })
    compiled.set(pointer, validator)
    if (validator(value)) return []
    return (validator.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
    )
  }
}

function closed(document: OpenApiDocument): OpenApiDocument {
  const copy = structuredClone(document)
  for (const component of Object.values(copy.components.schemas)) {
    walk(component, (schema) => {
      if (schema.properties) schema.additionalProperties ??= false
    })
  }
  return copy
}

function faultsOf(answer: Answer, found: Found, document: OpenApiDocument, validate: Validate): string[] {
  const { operation } = found
  const listed = operation.responses[answer.status]
  if (!listed) return [`the contract of ${operation.operationId} does not list the status`]
  const isShared = '$ref' in listed
  const pointer = isShared ? listed.$ref.slice(1) : `${found.pointer}/responses/${answer.status}`
  const response = isShared ? shared(listed, document) : listed
  return [
    ...faultsOfHeaders(answer, response, document, validate),
    ...faultsOfBody(answer, response, pointer, validate),
  ]
}

function shared(reference: Reference, document: OpenApiDocument): Response {
  const response = document.components.responses[reference.$ref.replace('#/components/responses/', '')]
  if (!response) throw new Error(`The contract has no ${reference.$ref}`)
  return response
}

function faultsOfHeaders(
  answer: Answer,
  response: Response,
  document: OpenApiDocument,
  validate: Validate,
): string[] {
  return Object.entries(response.headers ?? {}).flatMap(([name, { $ref }]) => {
    const component = $ref.replace('#/components/headers/', '')
    const header: Header | undefined = document.components.headers[component]
    const value = answer.headers[name.toLowerCase()]
    if (value === undefined) return header?.required ? [`the header ${name} is missing`] : []
    return validate(`/components/headers/${component}/schema`, value).map(
      (fault) => `the header ${name}: ${fault}`,
    )
  })
}

function faultsOfBody(answer: Answer, response: Response, pointer: string, validate: Validate): string[] {
  if (!response.content) return answer.body === '' ? [] : ['there is a body where the contract has none']
  const mediaType = mediaTypeOf(answer)
  if (!response.content[mediaType])
    return [`the contract does not list the content type ${mediaType || '(none)'}`]
  if (answer.method === 'HEAD') return answer.body === '' ? [] : ['there is a body in answer to HEAD']
  return validate(`${pointer}/content/${escapePointer(mediaType)}/schema`, JSON.parse(answer.body))
}

// Paths and methods that do not exist are refused like everything else. Pages and probes are outside /v1.
function faultsOfUnlisted(answer: Answer, validate: Validate): string[] {
  const isApi = answer.url.startsWith('/v1/')
  if (answer.status < 400) return isApi ? ['the contract does not list this operation'] : []
  if (!isApi || answer.method === 'HEAD') return []
  if (mediaTypeOf(answer) !== 'application/problem+json')
    return ['a refusal that is not application/problem+json']
  return validate('/components/schemas/Problem', JSON.parse(answer.body))
}

function mediaTypeOf(answer: Answer): string {
  return (
    String(answer.headers['content-type'] ?? '')
      .split(';')[0]
      ?.trim() ?? ''
  )
}

function complaint({ method, url, status, body }: Answer, faults: string[]): string {
  const list = faults.map((fault) => `\n- ${fault}`).join('')
  return `${method} ${url} answered ${status} against the contract:${list}\n${body.slice(0, 1000)}`
}

function escapePointer(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1')
}

// Test files run in several processes, which share this record: one file with the name of each operation.
function markReached(operationId: string): void {
  const folder = process.env['TEST_COVERAGE_FOLDER']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, operationId), '')
}
