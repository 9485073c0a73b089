/**
 * Checks path, query, headers and body of a request, and reports all faults at once: each with its place and reason, never
 * with the value that was sent.
 */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { faultText } from './fault-texts.ts'
import { idempotencyKeyIn } from '../actions/idempotency.ts'
import { preconditionFaults } from './preconditions.ts'
import { invalid, routeNotFound, versionRequired, type Fault } from '../problems.ts'

type Schemas = { params?: z.ZodType; querystring?: z.ZodObject; body?: z.ZodType }

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** A bound, because an answer must not be many times as long as its request. */
const faultsMax = 50

/** Replaces params, query and body by their parsed values, or throws with every fault. */
export function validate(request: FastifyRequest): void {
  const schemas = (request.routeOptions.schema ?? {}) as Schemas
  // A malformed id is answered like an unknown one: 404.
  if (schemas.params) request.params = parsedParams(schemas.params, request.params)
  const faults: Fault[] = [...headerFaults(request)]
  if (schemas.querystring) request.query = parsedQuery(schemas.querystring, request.query, faults)
  else refuseUnknownParameters(request.query, faults)
  if (schemas.body) request.body = parsedBody(schemas.body, request.body, faults)
  else if (!isEmpty(request.body)) faults.push(unexpectedBody)
  if (faults.length > 0) throw invalid(adviceFor(faults), { errors: faults.slice(0, faultsMax) })
  if (request.routeOptions.config.ifMatch === true && request.headers['if-match'] === undefined)
    throw versionRequired()
}

const adviceFor = (faults: readonly Fault[]): string | undefined =>
  faults.length > faultsMax
    ? `The request has more than ${faultsMax} faults, and "errors" lists the first ones. Correct these and send the request again.`
    : undefined

/** Many clients send an empty object instead of no body. That must not stop anybody from sealing or revoking. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)

/** `reportInput` distinguishes a missing value from a wrong one. No text repeats a value. */
const ofParameters = { error: faultText('parameter'), reportInput: true }
const ofFields = { error: faultText('field'), reportInput: true }

function parsedParams(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  if (!parsed.success)
    throw routeNotFound(
      'No resource has an id of this form. Copy the id, or better the whole address, from an answer of the service.',
    )
  return parsed.data
}

function parsedQuery(schema: z.ZodObject, query: unknown, faults: Fault[]): unknown {
  const parsed = schema.safeParse(queryValues(schema, query as Record<string, unknown>), ofParameters)
  if (parsed.success) return parsed.data
  for (const fault of faultsOf(parsed.error.issues)) {
    faults.push({ parameter: fault.path[0] ?? '', code: parameterCode(fault.code), detail: fault.detail })
  }
  return undefined
}

function parsedBody(schema: z.ZodType, body: unknown, faults: Fault[]): unknown {
  if (body === undefined) {
    faults.push(emptyBody)
    return undefined
  }
  const parsed = schema.safeParse(body, ofFields)
  if (parsed.success) return parsed.data
  for (const { path, code, detail } of faultsOf(parsed.error.issues))
    faults.push({ pointer: pointerOf(path), code, detail })
  return undefined
}

function refuseUnknownParameters(query: unknown, faults: Fault[]): void {
  for (const parameter of Object.keys(query as object)) {
    faults.push({
      parameter,
      code: 'unknown_parameter',
      detail: 'is an unknown parameter; this operation takes no parameters',
    })
  }
}

const emptyBody: Fault = {
  pointer: '',
  code: 'required',
  detail: 'the body is empty; send a JSON object, at least {}',
}
const unexpectedBody: Fault = { pointer: '', code: 'unexpected_body', detail: 'this operation takes no body' }

function headerFaults(request: FastifyRequest): Fault[] {
  const { config } = request.routeOptions
  const faults: Fault[] = []
  const sent = request.headers['idempotency-key']
  const key = typeof sent === 'string' ? idempotencyKeyIn(sent) : undefined
  // Without a token, only the key distinguishes callers, so nobody must be able to guess it.
  if (
    config.idempotent &&
    sent !== undefined &&
    request.caller.kind === 'anonymous' &&
    !uuidPattern.test(key ?? '')
  ) {
    faults.push({
      header: 'Idempotency-Key',
      code: 'invalid_format',
      detail: 'must be a random UUID for a caller without a token',
    })
  } else if (config.idempotent && sent !== undefined && key === undefined) {
    faults.push({
      header: 'Idempotency-Key',
      code: 'invalid_format',
      detail:
        'must be 16 to 255 visible ASCII characters, such as a UUID, with or without quotes around them',
    })
  }
  if (config.ifMatch || config.ifNoneMatch) faults.push(...preconditionFaults(request))
  return faults
}

/** Converts query values, which are text, to numbers, booleans and lists where the schema requires it. */
function queryValues(schema: z.ZodObject, query: Record<string, unknown>): Record<string, unknown> {
  // Without a prototype, so that a parameter named __proto__ is refused like any other unknown one.
  const values = Object.create(null) as Record<string, unknown>
  for (const [name, value] of Object.entries(query)) {
    values[name] = Object.hasOwn(schema.shape, name) ? readAs(schema.shape[name] as z.ZodType, value) : value
  }
  return values
}

function readAs(schema: z.ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return readAs(schema.unwrap() as z.ZodType, value)
  if (schema instanceof z.ZodArray) {
    return (Array.isArray(value) ? value : [value]).map((one) => readAs(schema.element as z.ZodType, one))
  }
  if (schema instanceof z.ZodNumber) return /^-?\d{1,15}$/.test(String(value)) ? Number(value) : value
  if (schema instanceof z.ZodBoolean) return value === 'true' ? true : value === 'false' ? false : value
  return value
}

type PathFault = { path: string[]; code: string; detail: string }

function faultsOf(issues: readonly z.core.$ZodIssue[]): PathFault[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .slice(0, faultsMax + 1)
        .map((key) => ({ path: [...path, key], code: 'unknown_field', detail: issue.message }))
    }
    // The key is wrong, such as a language in a record of texts. The inner issue says why.
    if (issue.code === 'invalid_key') return faultsOf(issue.issues).map((fault) => ({ ...fault, path }))
    return [{ path, code: codeOfIssue(issue), detail: issue.message }]
  })
}

function codeOfIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom' && typeof issue.params?.code === 'string') return issue.params.code
  if (issue.input === undefined) return 'required'
  if (issue.code === 'invalid_type') return 'wrong_type'
  if (issue.code === 'invalid_value' || issue.code === 'invalid_union') return 'unknown_value'
  return issue.code
}

const parameterCode = (code: string): string => (code === 'unknown_field' ? 'unknown_parameter' : code)

/** RFC 6901. */
const pointerOf = (path: string[]): string =>
  path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
