/**
 * Access tokens of the configured OpenID Connect provider (RFC 9068), checked for signature, audience and expiry.
 * They identify a person. Mandates decide what the person may do.
 */
import { createHmac } from 'node:crypto'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { allScopes, type Scope } from '../access.ts'
import type { Clock } from '../clock.ts'
import { publishedKeys } from './identity-provider-keys.ts'
import type { Outbound } from './outbound.ts'

export type VerifiedAccount = {
  /**
   * An HMAC of issuer and subject. Its secret is in no dump of the database, so a dump neither names accounts nor
   * allows guessing them.
   */
  readonly hash: Buffer
  /** Another HMAC of the same account, which is stored nowhere: it encrypts idempotent answers. */
  readonly lasting: string
  /** The scopes that the token names; undefined when it names none of ours. */
  readonly scopes: readonly Scope[] | undefined
}

export type IdentityProvider = {
  /**
   * Undefined for a token that is not valid for this service. Throws 503 while the provider's keys cannot be fetched.
   */
  vouch(token: string): Promise<VerifiedAccount | undefined>
}

export type IdentityProviderOptions = {
  issuer: string
  audience: string
  /** The `typ` of its access tokens; `none` for tokens without one. */
  tokenTypes: readonly string[]
  clock: Clock
  /** Options for fetching its keys; the allowed networks are added here. */
  outbound: Omit<Outbound, 'policy'>
  /** The secret of the account HMAC. */
  accountSecret(now: string): Promise<Buffer>
}

/** Never a symmetric algorithm: the public key would be its secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const clockToleranceSeconds = 30
/** Claims of an ID token or a logout token, which an access token does not have. */
const marksOfOthers = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']
/** Keycloak's name for the kind of token. */
const typesOfOthers = ['ID', 'Refresh', 'Logout', 'Offline']

/** Three parts of base64url. None of our own secrets has this form. */
export const looksSigned = (secret: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret)

export function openIdentityProvider(options: IdentityProviderOptions): IdentityProvider {
  const { issuer, audience, clock } = options
  const keyFor = publishedKeys(issuer, options)
  return {
    vouch: async (token) => {
      const now = clock()
      const demands = {
        issuer,
        audience,
        algorithms,
        clockTolerance: clockToleranceSeconds,
        requiredClaims: ['exp', 'sub'],
        currentDate: now,
      }
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keyFor, demands)
        if (!isAccessToken(protectedHeader.typ, payload, options.tokenTypes)) return undefined
        return vouchedBy(issuer, payload, await options.accountSecret(now.toISOString()))
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

/** A token bound to a key of its holder (`cnf`) is refused too: its holder cannot prove that key here. */
function isAccessToken(typ: string | undefined, payload: JWTPayload, allowed: readonly string[]): boolean {
  if (payload['cnf'] !== undefined) return false
  const type = typ === undefined ? 'none' : typ.toLowerCase().replace(/^application\//, '')
  if (!allowed.includes(type)) return false
  if (type === 'at+jwt') return true
  return !marksOfOthers.some((mark) => mark in payload) && !typesOfOthers.includes(String(payload['typ']))
}

function vouchedBy(issuer: string, { sub = '', scope }: JWTPayload, secret: Buffer): VerifiedAccount {
  const named = typeof scope === 'string' ? scope.split(' ') : []
  const own = allScopes().filter((known) => named.includes(known))
  const spelt = (purpose: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([purpose, issuer, sub]))
      .digest()
  return {
    hash: spelt('oidc'),
    lasting: spelt('oidc idempotency').toString('base64url'),
    scopes: own.length > 0 ? own : undefined,
  }
}
