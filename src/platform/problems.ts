/**
 * Declares every refusal of the service once, with `refusal()`: status, code, title and advice. The declaration also makes
 * the entry of the catalogue, the page at `/problems/{code}`, and the translation of a violated database constraint.
 */

/** A thing by its id, its name and its address. */
type Reference = { readonly id: string; readonly name: string; readonly url: string }

export type Fault = { pointer?: string; parameter?: string; header?: string; code: string; detail: string }

export type Kind = {
  readonly status: number
  readonly code: string
  readonly title: string
  /** What the caller should do now, in one or two sentences. */
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
  advice: 'Correct every fault in "errors" and send the request again.',
})

/** 422 for faults that only the database, the clock or the caller can show. Lists all of them. */
export const invalidBecause = (...errors: Fault[]): Problem => invalid(undefined, { errors })

export const unauthenticated = refusal({
  status: 401,
  code: 'unauthenticated',
  title: 'A valid token is required',
  advice: 'Send "Authorization: Bearer <token>". If your token expired or was revoked, get a new one.',
})

export const forbidden = refusal({
  status: 403,
  code: 'forbidden',
  title: 'Your mandate does not allow this',
  advice:
    'Ask a delegate whose current mandate has the required power, or use a token with the required scope.',
})

export const routeNotFound = refusal({
  status: 404,
  code: 'not_found',
  title: 'Nothing exists at this address',
  advice: 'Compare the address with the contract at /openapi.json.',
})

export const methodNotAllowed = refusal({
  status: 405,
  code: 'method_not_allowed',
  title: 'This address does not support this method',
  advice: 'Use one of the methods in the Allow header, or check the address.',
})

export const notAcceptable = refusal({
  status: 406,
  code: 'not_acceptable',
  title: 'No answer is available in a format that you accept',
  advice: 'Accept "application/json", or one of the formats in the detail.',
})

export const moveNotAllowed = refusal({
  status: 409,
  code: 'move_not_allowed',
  title: 'The current state does not allow this move',
  advice: 'Read currentStatus and allowedMoves in this answer, and choose one of the allowed moves.',
})

export const conflict = refusal({
  status: 409,
  code: 'conflict',
  title: 'This conflicts with something that already exists',
  advice: 'Read the current state again, and change your request so that it does not conflict.',
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
  advice: 'Send it again over a faster connection.',
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
  title: 'The service cannot meet the Expect header',
  advice: 'Send the request without the Expect header, or with "Expect: 100-continue".',
})

export const versionRequired = refusal({
  status: 428,
  code: 'version_required',
  title: 'The If-Match header is missing',
  advice: 'Send the ETag of the version that you want to change in the If-Match header.',
})

export const busy = refusal({
  status: 503,
  code: 'unavailable',
  title: 'The service is temporarily unavailable',
  advice:
    'Try again after the number of seconds in Retry-After. Repeat a POST with the same Idempotency-Key, or check first whether it was carried out.',
})

export const overloaded = refusal({
  status: 503,
  code: 'overloaded',
  title: 'The service receives more requests than it can answer',
  advice: 'Nothing was changed. Send the request again after the number of seconds in Retry-After.',
})

export const unexpected = refusal({
  status: 500,
  code: 'unexpected',
  title: 'The service failed unexpectedly',
  advice: 'Nothing was changed. Send the requestId of this answer to the operator.',
})
