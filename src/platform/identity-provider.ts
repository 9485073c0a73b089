/**
 * Access tokens of an OpenID Connect provider that the operator has named (RFC 9068): who its JWKS says signed them, for
 * this audience, and not expired. It says who somebody is; what they may do here, their mandates say.
 */
import { createHash } from 'node:crypto'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { scopes as knownScopes, type Scope } from './access.ts'
import type { Clock } from './clock.ts'
import { refusal } from './problems.ts'

export type Vouched = {
  /** Issuer and subject as a hash: a dump of the database names no account elsewhere. */
  readonly hash: Buffer
  /** What the token is narrowed to; undefined when it names none of our scopes. */
  readonly scopes: readonly Scope[] | undefined
}

export type IdentityProvider = {
  /** Undefined for what is no valid access token for us. Throws 503 while the provider cannot be asked for its keys. */
  vouch(token: string): Promise<Vouched | undefined>
}

/** Never one with a shared secret: the public key would be such a secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const types = [undefined, 'jwt', 'at+jwt', 'application/at+jwt']
const clockToleranceSeconds = 30
const timeoutMs = 5_000
const answerBytesMax = 100_000
const keysKeptMs = 600_000
/** However many tokens name a key that is not there, the provider is asked twice a minute. */
const keysCooldownMs = 30_000
const retryMs = 10_000

const unavailable = refusal({
  status: 503,
  code: 'identity_provider_unavailable',
  title: 'Your identity provider does not answer',
  advice: 'Try again after the seconds given in Retry-After, or use a token of this service.',
})
const notNow = () => unavailable(undefined, { retryAfterSeconds: retryMs / 1000 })

/** Three parts of base64url: none of our own secrets looks so. */
export const looksSigned = (secret: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret)

export function openIdentityProvider(
  { issuer, audience }: { issuer: string; audience: string },
  clock: Clock,
): IdentityProvider {
  const keys = keysOf(issuer)
  return {
    vouch: async (token) => {
      const getKey = await keys()
      const demands = {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
        currentDate: clock(),
      }
      try {
        const { payload, protectedHeader } = await jwtVerify(token, getKey, demands)
        return types.includes(protectedHeader.typ?.toLowerCase()) ? vouchedBy(issuer, payload) : undefined
      } catch (error) {
        if (saysNothingOfToken(error)) throw notNow()
        return undefined
      }
    },
  }
}

function vouchedBy(issuer: string, { sub = '', scope }: JWTPayload): Vouched {
  const named = typeof scope === 'string' ? scope.split(' ') : []
  const own = knownScopes.filter((known) => named.includes(known))
  const hash = createHash('sha256')
    .update(JSON.stringify(['oidc', issuer, sub]))
    .digest()
  return { hash, scopes: own.length > 0 ? own : undefined }
}

/** The keys could not be fetched: the plain error is of whoever answered something else than keys. */
const saysNothingOfToken = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) ||
  ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'].includes(error.code)

/** Finds out once where the keys are, with the first token; if that fails, again ten seconds later at the earliest. */
function keysOf(issuer: string): () => Promise<JWTVerifyGetKey> {
  let found: Promise<JWTVerifyGetKey> | undefined
  let failedAt = -Infinity
  return () => {
    if (performance.now() - failedAt < retryMs) return Promise.reject(notNow())
    found ??= discover(issuer).catch(() => {
      found = undefined
      failedAt = performance.now()
      throw notNow()
    })
    return found
  }
}

const Discovered = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) })

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer}/.well-known/openid-configuration`
  const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
  const text = answer.ok ? await answer.text() : ''
  if (text.length > answerBytesMax) throw new Error('the answer of the identity provider is too large')
  const { issuer: named, jwks_uri: keysAddress } = Discovered.parse(JSON.parse(text))
  if (named !== issuer) throw new Error('the identity provider calls itself by another name')
  return createRemoteJWKSet(new URL(keysAddress), {
    timeoutDuration: timeoutMs,
    cooldownDuration: keysCooldownMs,
    cacheMaxAge: keysKeptMs,
  })
}
