/**
 * Access tokens of an OpenID Connect provider that the operator has named (RFC 9068): who its JWKS says signed them, for
 * this audience, and not expired. It says who somebody is; what they may do here, their mandates say.
 */
import { createHmac } from 'node:crypto'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import { allScopes, type Scope } from '../access.ts'
import type { Clock } from '../clock.ts'
import { publishedKeys } from './identity-provider-keys.ts'
import type { Outbound } from './outbound.ts'

export type VerifiedAccount = {
  /** Issuer and subject by a secret that is in no dump of the database: none names, or tries out, an account elsewhere. */
  readonly hash: Buffer
  /** The same account by the same secret, in another way that is kept nowhere: idempotent answers are encrypted by it. */
  readonly lasting: string
  /** What the token is narrowed to; undefined when it names none of our scopes. */
  readonly scopes: readonly Scope[] | undefined
}

export type IdentityProvider = {
  /** Undefined for what is no valid access token for us. Throws 503 while the provider cannot be asked for its keys. */
  vouch(token: string): Promise<VerifiedAccount | undefined>
}

export type IdentityProviderOptions = {
  issuer: string
  audience: string
  /** What its access tokens call themselves; `none` for those that do not say. */
  tokenTypes: readonly string[]
  clock: Clock
  /** How its keys are asked for; what of the network it may reach is added here. */
  outbound: Omit<Outbound, 'policy'>
  /** By which accounts are kept. */
  accountSecret(now: string): Promise<Buffer>
}

/** Never one with a shared secret: the public key would be such a secret. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
const clockToleranceSeconds = 30
/** What an ID token or the notice of a logout has, and an access token has not. */
const marksOfOthers = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events']
/** What Keycloak calls what it has signed. */
const typesOfOthers = ['ID', 'Refresh', 'Logout', 'Offline']

/** Three parts of base64url: none of our own secrets looks so. */
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

/** One that is bound to a key of its holder (`cnf`) is refused too: who shows it here shows no such key. */
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
