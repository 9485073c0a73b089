/** Every refusal has one shape, and which refusals an operation may answer follows from what it does. */
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
    pointer: text('Where in the body, as a JSON Pointer (RFC 6901).', '/country').optional(),
    parameter: text('Which path or query parameter.', 'limit').optional(),
    header: text('Which header.', 'If-Match').optional(),
    code: text('What is wrong, for programs.', 'unknown_value'),
    detail: text('What is wrong, for people.', 'must be one of craft, general'),
  })
  .meta({ id: 'Fault', description: 'One fault of the input, and where it is.' })

export const ProblemBody = z
  .strictObject({
    type: z.url().meta({ description: 'A page that says what to do about it.' }),
    title: text('What the problem is called.', 'It has changed since you read it'),
    status: z.int().min(400).max(599).meta({ description: 'The status of this answer.' }),
    detail: text('What to know of this case.', 'Read it again, decide again.'),
    instance: text('What was asked for.', '/v1/organisations'),
    code: text('The problem, for programs.', 'stale_version'),
    requestId: text('The `Request-Id` of this answer.', exampleRequestId),
    errors: z.array(Fault).optional().meta({ description: 'Every fault of the input at once.' }),
    currentStatus: text('On a conflict: the status of the thing.', 'signing').optional(),
    allowedMoves: z
      .array(z.string())
      .optional()
      .meta({
        description: 'On a conflict: the moves that you could ask for in this status.',
        examples: [['reopen', 'withdraw']],
      }),
    possibleDuplicates: z
      .array(Reference)
      .optional()
      .meta({ description: 'On `possible_duplicates`: organisations for which this one could be mistaken.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' })

type ProblemResponse = {
  name: string
  description: string
  /** The refusal to show; else the first of the catalogue with this status. */
  example?: Refusal
  headers?: ResponseHeader[]
  /** Whether a route may answer so. */
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
    description: 'The request cannot be read: its JSON, its address or its cursor.',
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
    description: 'You may know of this thing, but not do this to it.',
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
    description: 'The state of things does not allow it.',
    example: moveNotAllowed,
    headers: ['RetryAfterIfRunning'],
    concerns: changes,
  },
  410: {
    name: 'Gone',
    description: 'The link was used, has expired or was revoked.',
    // Whose link it is comes before what it may be used for.
    concerns: always,
  },
  412: {
    name: 'VersionStale',
    description:
      'It has changed since the version that `If-Match` names, or something is there and `If-None-Match` says that nothing must be.',
    example: staleVersion,
    concerns: mayNameVersion,
  },
  413: {
    name: 'BodyTooLarge',
    description: 'The body is larger than the service reads.',
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
    description: 'The request is understood, but it has faults. All of them are listed.',
    example: invalid,
    concerns: always,
  },
  428: {
    name: 'VersionRequired',
    description: 'Name the version that you mean to change in `If-Match`.',
    example: versionRequired,
    concerns: namesVersion,
  },
  429: {
    name: 'TooMany',
    description: 'Too many requests in a short time. Wait for the seconds given in `Retry-After`.',
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

/** The statuses by which the route may refuse, with the name of the shared response. */
export function refusals(route: Route): [status: number, responseName: string][] {
  return Object.entries(problemResponses)
    .filter(([, problem]) => problem.concerns(route))
    .map(([status, { name }]) => [Number(status), name])
}

/** All shared responses, for `components`. */
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
