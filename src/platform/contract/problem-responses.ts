/** The shape of every problem, and which problem responses an operation lists. They follow from what its route does. */
import { z } from 'zod'
import {
  bodyTooLarge,
  busy,
  forbidden,
  invalid,
  malformed,
  moveNotAllowed,
  notAcceptable,
  problemCatalogue,
  routeNotFound,
  staleVersion,
  unauthenticated,
  unsupportedMediaType,
  versionRequired,
  type Kind,
  type Refusal,
} from '../problems.ts'
import { Reference } from '../wire/common-schemas.ts'
import { schemaReference, type Response } from './document.ts'
import { responseHeaders, type ResponseHeader } from './headers.ts'
import type { Route } from './route.ts'

const exampleRequestId = responseHeaders['Request-Id'].example

const text = (description: string, example: string) => z.string().meta({ description, examples: [example] })

const Fault = z
  .strictObject({
    pointer: text('The place in the body, as a JSON Pointer (RFC 6901).', '/country').optional(),
    parameter: text('The path or query parameter.', 'limit').optional(),
    header: text('The header.', 'If-Match').optional(),
    code: text('What is wrong, for programs.', 'unknown_value'),
    detail: text('What is wrong, for people.', 'must be one of craft, general'),
  })
  .meta({ id: 'Fault', description: 'One fault of the input, and its place.' })

export const ProblemBody = z
  .strictObject({
    type: z.url().meta({ description: 'The address of a page that says what to do.' }),
    title: text('A short name of the problem, for people.', 'It has changed since you read it'),
    status: z.int().min(400).max(599).meta({ description: 'The HTTP status of this answer.' }),
    detail: text(
      'What is wrong in this case, and what to do.',
      'Read it again, decide again, and send the new ETag in If-Match.',
    ),
    instance: text('The path of the request.', '/v1/organisations'),
    code: text('The problem, for programs.', 'stale_version'),
    requestId: text('The `Request-Id` of this answer.', exampleRequestId),
    errors: z.array(Fault).optional().meta({ description: 'All faults of the input, at most the first 50.' }),
    currentStatus: text('On a conflict: the current status of the resource.', 'signing').optional(),
    allowedMoves: z
      .array(z.string())
      .optional()
      .meta({
        description: 'On a conflict: the moves that you may make in this status.',
        examples: [['reopen', 'withdraw']],
      }),
    possibleDuplicates: z.array(Reference).optional().meta({
      description: 'On `possible_duplicates`: organisations that could be mistaken for this one.',
    }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' })

type ProblemResponse = {
  name: string
  description: string
  /** The refusal to show as an example; by default, the first of the catalogue with this status. */
  example?: Refusal
  headers?: ResponseHeader[]
  /** Whether the route may answer with this status. */
  concerns: (route: Route) => boolean
}

const always = () => true
const changes = (route: Route) => route.method !== 'get'
const isForSome = (route: Route) => !route.access.to.includes('anonymous')
const mayNameVersion = (route: Route) => route.ifMatch !== false || route.ifNoneMatch
const namesVersion = (route: Route) => route.ifMatch === true

const problemResponses: Record<number, ProblemResponse> = {
  400: {
    name: 'Unreadable',
    description: 'The service cannot read the JSON, the address or the cursor of the request.',
    example: malformed,
    concerns: always,
  },
  401: {
    name: 'Unauthenticated',
    description: 'The token is missing, unknown, expired or revoked.',
    example: unauthenticated,
    headers: ['WWW-Authenticate'],
    concerns: always,
  },
  403: {
    name: 'Forbidden',
    description: 'You may know that this exists, but you may not do this.',
    example: forbidden,
    concerns: isForSome,
  },
  404: {
    name: 'NotFound',
    description: 'It does not exist, or you may not know whether it does.',
    example: routeNotFound,
    // Bodies name things by their ids too.
    concerns: (route) => route.path.includes('{') || (changes(route) && isForSome(route)),
  },
  406: {
    name: 'NotAcceptable',
    description: '`Accept` allows none of the media types of this operation.',
    example: notAcceptable,
    concerns: always,
  },
  409: {
    name: 'Conflict',
    description: 'The current state does not allow this.',
    example: moveNotAllowed,
    headers: ['RetryAfterIfRunning'],
    concerns: changes,
  },
  410: {
    name: 'Gone',
    description: 'The link was used, has expired or was revoked.',
    // A used or expired link is refused before its access to the route is checked.
    concerns: always,
  },
  412: {
    name: 'VersionStale',
    description:
      'It has changed since the version in `If-Match`. Or it exists, although `If-None-Match` requires that it does not.',
    example: staleVersion,
    concerns: mayNameVersion,
  },
  413: {
    name: 'BodyTooLarge',
    description: 'The body is larger than the service accepts.',
    example: bodyTooLarge,
    concerns: changes,
  },
  415: {
    name: 'MediaTypeUnsupported',
    description: 'The body is not JSON.',
    example: unsupportedMediaType,
    concerns: changes,
  },
  422: {
    name: 'Invalid',
    description: 'The service can read the request, but the request has faults. The answer lists them.',
    example: invalid,
    concerns: always,
  },
  428: {
    name: 'VersionRequired',
    description: '`If-Match` is missing. Send the version that you want to change.',
    example: versionRequired,
    concerns: namesVersion,
  },
  429: {
    name: 'TooMany',
    description: 'Too many requests in a short time. Wait for the number of seconds in `Retry-After`.',
    headers: ['Retry-After'],
    concerns: always,
  },
  503: {
    name: 'Unavailable',
    description: 'The service is overloaded or stopping.',
    example: busy,
    headers: ['Retry-After'],
    concerns: always,
  },
}

/** Lists the error statuses of the route, each with the name of its shared response. */
export function refusals(route: Route): [status: number, responseName: string][] {
  return Object.entries(problemResponses)
    .filter(([, problem]) => problem.concerns(route))
    .map(([status, { name }]) => [Number(status), name])
}

/** Returns all shared responses, for `components`. */
export function sharedResponses(): Record<string, Response> {
  return Object.fromEntries(
    Object.entries(problemResponses).map(([status, problem]) => [
      problem.name,
      sharedResponse(Number(status), problem),
    ]),
  )
}

function sharedResponse(status: number, problem: ProblemResponse): Response {
  const kind = problem.example?.kind ?? problemCatalogue().find((known) => known.status === status)
  return {
    description: problem.description,
    headers: headerReferences(['Request-Id', 'RateLimit', 'RateLimit-Policy', ...(problem.headers ?? [])]),
    content: {
      'application/problem+json': {
        schema: { $ref: schemaReference('Problem') },
        ...(kind && { examples: { [kind.code]: { value: exampleProblem(kind) } } }),
      },
    },
  }
}

function exampleProblem({ status, code, title, advice }: Kind): z.infer<typeof ProblemBody> {
  const type = `https://pact.example/problems/${code}`
  const about = {
    type,
    title,
    status,
    detail: advice,
    instance: '/v1/pacts',
    code,
    requestId: exampleRequestId,
  }
  if (code === invalid.kind.code) return { ...about, errors: [exampleFault] }
  if (code === moveNotAllowed.kind.code)
    return { ...about, currentStatus: 'signing', allowedMoves: ['withdraw'] }
  return about
}

const exampleFault = { pointer: '/title', code: 'required', detail: 'is missing; it must be text' }

/** References to shared headers, for a response. */
export function headerReferences(names: ResponseHeader[]): Record<string, { $ref: string }> {
  const onWire = (name: ResponseHeader) => (name === 'RetryAfterIfRunning' ? 'Retry-After' : name)
  return Object.fromEntries(names.map((name) => [onWire(name), { $ref: `#/components/headers/${name}` }]))
}
