/**
 * Every refusal of the service is declared once with `refusal()`: its status, code, title and what to do next.
 * The declaration is the catalogue, the page at `/problems/{code}` and, where a database constraint is what
 * noticed, the translation of that constraint.
 */
import type { Reference } from './wire/common-schemas.ts'

export type Fault = { pointer?: string; parameter?: string; header?: string; code: string; detail: string }

export type Kind = {
  readonly status: number
  readonly code: string
  readonly title: string
  /** What the person should do now, in one or two sentences. */
  readonly advice: string
  /** Names of database constraints whose violation means this. */
  readonly constraints?: readonly string[]
}

export type Extras = {
  readonly errors?: readonly Fault[]
  readonly currentStatus?: string
  readonly allowedMoves?: readonly string[]
  readonly possibleDuplicates?: readonly Reference[]
  readonly retryAfterSeconds?: number
}

/** The one class of the project: it must be an `Error` to be thrown through Fastify and PostgreSQL's driver. */
export class Problem extends Error {
  readonly kind: Kind
  readonly detail: string
  readonly extras: Extras

  constructor(kind: Kind, detail: string, extras: Extras) {
    super(kind.code)
    this.kind = kind
    this.detail = detail
    this.extras = extras
  }
}

export type Refusal = ((detail?: string, extras?: Extras) => Problem) & { readonly kind: Kind }

const catalogue = new Map<string, Kind>()
const kindByConstraint = new Map<string, Kind>()

export function refusal(kind: Kind): Refusal {
  if (catalogue.has(kind.code)) throw new Error(`the problem code ${kind.code} is declared twice`)
  catalogue.set(kind.code, kind)
  for (const constraint of kind.constraints ?? []) kindByConstraint.set(constraint, kind)
  const refuse = (detail = kind.advice, extras: Extras = {}) => new Problem(kind, detail, extras)
  return Object.assign(refuse, { kind })
}

export const problemCatalogue = (): Kind[] =>
  [...catalogue.values()].sort((a, b) => a.code.localeCompare(b.code))

export const problemOfConstraint = (constraint: string): Problem | undefined => {
  const kind = kindByConstraint.get(constraint)
  return kind && new Problem(kind, kind.advice, {})
}

export const malformed = refusal({
  status: 400,
  code: 'malformed_request',
  title: 'The request cannot be read',
  advice: 'Send well-formed JSON in UTF-8, nested at most 32 levels deep, and a valid URL.',
})

export const invalid = refusal({
  status: 422,
  code: 'invalid_input',
  title: 'The request has faults',
  advice: 'Mend every fault listed under errors and send the request again.',
})

/** 422 for faults that only the database, the clock or the caller can tell of: all of them at once. */
export const invalidBecause = (...errors: Fault[]): Problem => invalid(undefined, { errors })

export const unauthenticated = refusal({
  status: 401,
  code: 'unauthenticated',
  title: 'A valid token is needed',
  advice:
    'Send "Authorization: Bearer <token>". A token that expired or was revoked must be replaced by a new one.',
})

export const forbidden = refusal({
  status: 403,
  code: 'forbidden',
  title: 'Your mandate does not allow this',
  advice: 'Ask someone whose live mandate has the power to do it, or use a token with the scope it needs.',
})

export const routeNotFound = refusal({
  status: 404,
  code: 'not_found',
  title: 'There is nothing at this address',
  advice: 'Check the address against the contract at /openapi.json.',
})

export const methodNotAllowed = refusal({
  status: 405,
  code: 'method_not_allowed',
  title: 'This address does not take that method',
  advice: 'Use one of the methods that the Allow header lists, or check the address.',
})

export const notAcceptable = refusal({
  status: 406,
  code: 'not_acceptable',
  title: 'There is no answer in a format that you accept',
  advice: 'Accept "application/json", or one of the formats that the detail lists.',
})

export const moveNotAllowed = refusal({
  status: 409,
  code: 'move_not_allowed',
  title: 'The current state does not allow this move',
  advice: 'Read the current status and the allowed moves in this answer, and choose one of those.',
})

export const conflict = refusal({
  status: 409,
  code: 'conflict',
  title: 'This collides with something that is already there',
  advice: 'Read again what is there, and change your request so that it fits beside it.',
})

export const staleVersion = refusal({
  status: 412,
  code: 'stale_version',
  title: 'It has changed since you read it',
  advice: 'Read it again, decide again, and send the new ETag in If-Match.',
})

export const tooSlow = refusal({
  status: 408,
  code: 'request_timeout',
  title: 'The request took too long to arrive',
  advice: 'Send it again, on a connection that is fast enough.',
})

export const headersTooLarge = refusal({
  status: 431,
  code: 'headers_too_large',
  title: 'The headers of the request are too large',
  advice: 'Send fewer or shorter headers.',
})

export const bodyTooLarge = refusal({
  status: 413,
  code: 'body_too_large',
  title: 'The body is too large',
  advice: 'Send less in one request, for example a shorter text.',
})

export const unsupportedMediaType = refusal({
  status: 415,
  code: 'unsupported_media_type',
  title: 'The body must be JSON',
  advice: 'Send "Content-Type: application/json".',
})

export const expectationFailed = refusal({
  status: 417,
  code: 'expectation_failed',
  title: 'The service cannot do what the Expect header asks for',
  advice: 'Send the request without the Expect header, or with "Expect: 100-continue".',
})

export const versionRequired = refusal({
  status: 428,
  code: 'version_required',
  title: 'Say which version you mean to change',
  advice: 'Send the ETag that you read last in the If-Match header.',
})

export const busy = refusal({
  status: 503,
  code: 'unavailable',
  title: 'The service cannot answer just now',
  advice:
    'Try again after the seconds given in Retry-After. Repeat a POST with the same Idempotency-Key, or look first whether it was carried out.',
})

export const unexpected = refusal({
  status: 500,
  code: 'unexpected',
  title: 'Something went wrong here',
  advice: 'Nothing was changed. Tell the operator the requestId of this answer.',
})
