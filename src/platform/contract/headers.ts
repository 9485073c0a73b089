/** The headers that many operations share, as components. */
import type { Header, Parameter } from './document.ts'

export const responseHeaders = {
  'Request-Id': {
    description: 'The id of this request in the logs of the service. Quote it when you report an error.',
    required: true,
    schema: { type: 'string' },
    example: '01938f4e-8a3c-7c1e-9d4b-5f2a6b7c8d9e',
  },
  ETag: {
    description:
      'The version in this answer. Send it in `If-Match` to change it, in `If-None-Match` to read it.',
    required: true,
    schema: { type: 'string', pattern: '^(W/)?".*"$' },
    example: '"3"',
  },
  Location: {
    description: 'The address of the created resource.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
    example: '/v1/organisations/01938f4e-8a3c-7c1e-9d4b-5f2a6b7c8d9e',
  },
  Link: {
    description: 'The address of the next page as `rel="next"` (RFC 8288). Absent on the last page.',
    required: false,
    schema: { type: 'string' },
    example: '</v1/organisations?cursor=eyJhIjoxfQ>; rel="next"',
  },
  'Idempotency-Replayed': {
    description:
      'Present when the service repeats the answer to an earlier request with the same `Idempotency-Key`.',
    required: false,
    schema: { type: 'string', const: 'true' },
    example: 'true',
  },
  'Retry-After': {
    description: 'The number of seconds to wait before the next request.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '10',
  },
  RetryAfterIfRunning: {
    description:
      'With `idempotency_in_progress`: the number of seconds to wait before you send the same request again.',
    required: false,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '1',
  },
  RateLimit: {
    description:
      'The rest of each quota, and the seconds until it is full again (draft-ietf-httpapi-ratelimit-headers).',
    required: false,
    schema: { type: 'string' },
    example: '"token";r=1187;t=42, "organisation";r=5870;t=42',
  },
  'RateLimit-Policy': {
    description: 'The quotas that this request counts against: requests (`q`) per window of seconds (`w`).',
    required: false,
    schema: { type: 'string' },
    example: '"token";q=1200;w=60, "organisation";q=6000;w=60',
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 6750).',
    required: true,
    schema: { type: 'string' },
    example: 'Bearer realm="solidarity-pact"',
  },
} as const satisfies Record<string, Header>

export type ResponseHeader = keyof typeof responseHeaders

export const requestHeaders = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A secret of your choice that makes it safe to repeat this request for 24 hours. The same key with the same body ' +
      'returns the first answer; with another body it is refused. Quotes around the key do not matter. The key belongs ' +
      'to your token, or to your account of the identity provider. After your access token was renewed, an answer that ' +
      'contains a secret is not repeated: 409 `answer_withheld`. Without a token, the key must be a random UUID.',
    schema: { type: 'string', minLength: 16, maxLength: 255 },
    example: '5f0c2c8e-6a2b-4c39-9a55-0e9f0d6f7a11',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: true,
    description:
      'The `ETag` of the version that you want to change, or `*` for any version. Separate several by commas; ' +
      'one of them must be current, else the answer is 412. Only the version in the `ETag` is compared, ' +
      'so forms that a proxy made of it, `W/"3.kPz"` or `"3.kPz-gzip"`, are accepted too.',
    schema: { type: 'string' },
    example: '"3"',
  },
  IfMatchIfAny: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description:
      'The `ETag` of the version that you want to replace, if you have read one, or `*` to replace any version. Separate ' +
      'several by commas; one of them must be current, else the answer is 412. Only the version in the `ETag` is ' +
      'compared, so forms that a proxy made of it, `W/"3.kPz"` or `"3.kPz-gzip"`, are accepted too.',
    schema: { type: 'string' },
    example: '"3"',
  },
  IfNoneMatchAny: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: '`*` writes only if nothing exists yet. Otherwise the answer is 412.',
    schema: { type: 'string' },
    example: '*',
  },
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` that you have. If it is still current, the answer is 304 without a body.',
    schema: { type: 'string' },
    example: '"3"',
  },
} as const satisfies Record<string, Parameter>

export type RequestHeader = keyof typeof requestHeaders
