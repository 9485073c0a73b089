/**
 * Input is checked in one place and all its faults are told at once: path, query, headers and body together,
 * each fault by name and reason, never by the value that was sent.
 */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { textOf } from './fault-texts.ts'
import { idempotencyKeyIn } from '../actions/idempotency.ts'
import { preconditionFaults } from './preconditions.ts'
import { invalid, routeNotFound, versionRequired, type Fault } from '../problems.ts'

type Schemas = { params?: z.ZodType; querystring?: z.ZodObject; body?: z.ZodType }

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** More of them help nobody, and an answer must not be many times as long as what was sent. */
const faultsMax = 50

/** Replaces params, query and body by their parsed values, or throws with every fault. */
export function validate(request: FastifyRequest): void {
  const schemas = (request.routeOptions.schema ?? {}) as Schemas
  // An id that cannot be one is an address where nothing is.
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
    ? `There are more than ${faultsMax} faults, and errors lists the first of them. Mend these and send the request again.`
    : undefined

/** Many clients send an empty object where there is nothing to send. It must not keep anybody from sealing or revoking. */
const isEmpty = (body: unknown): boolean =>
  body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0)

/** Our own words; and a missing value is told from a wrong one. Only its absence is looked at, no value is repeated. */
const ofParameters = { error: textOf('parameter'), reportInput: true }
const ofFields = { error: textOf('field'), reportInput: true }

function parsedParams(schema: z.ZodType, params: unknown): unknown {
  const parsed = schema.safeParse(params)
  if (!parsed.success)
    throw routeNotFound(
      'No resource has such an id. Take it, or better the whole address, from an answer of the service.',
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
      detail: 'is not known here; this operation takes no parameters',
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
  // Without a credential the key alone tells callers apart, so it must be one that nobody guesses.
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
        'must be 16 to 255 visible ASCII characters, such as a UUID, with quotes around them or without',
    })
  }
  if (config.ifMatch || config.ifNoneMatch) faults.push(...preconditionFaults(request))
  return faults
}

/** Query values are text; they become numbers, booleans and lists where the schema says so. */
function queryValues(schema: z.ZodObject, query: Record<string, unknown>): Record<string, unknown> {
  // Without a prototype, so that a parameter called __proto__ is refused like any other unknown one.
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
    // The name of a field is what is wrong, such as a language in a record of texts: its own fault says how.
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
