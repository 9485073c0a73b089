/** The public keys of an identity provider: found by its own document, asked for by the one way out, and kept for minutes. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from './clock.ts'
import { publicInternet, send, type NetworkPolicy, type Outbound, type Resolve } from './outbound.ts'
import { refusal } from './problems.ts'

type KeySet = { readonly keyFor: JWTVerifyGetKey; readonly fetchedAt: number }

const keptMs = 600_000
/** However many tokens name a key that is not there, the provider is asked twice a minute. */
const cooldownMs = 30_000
const retryMs = 10_000

const unavailable = refusal({
  status: 503,
  code: 'identity_provider_unavailable',
  title: 'Your identity provider does not answer',
  advice: 'Try again after the seconds given in Retry-After, or use a token of this service.',
})
const notNow = () => unavailable(undefined, { retryAfterSeconds: retryMs / 1000 })

/** Throws 503 while they cannot be had. Where they are is looked up again each time that they are. */
export function publishedKeys(
  issuer: string,
  { clock, outbound }: { clock: Clock; outbound: Omit<Outbound, 'policy'> },
): JWTVerifyGetKey {
  const way = { ...outbound, resolve: resolveFor(issuer, outbound.resolve), policy: policyFor(issuer) }
  const now = () => clock().getTime()
  let kept: KeySet | undefined
  let coming: Promise<KeySet> | undefined
  let failedAt = -Infinity

  function fetchAnew(): Promise<KeySet> {
    if (now() - failedAt < retryMs) return Promise.reject(notNow())
    coming ??= fetchKeys(issuer, way)
      .then((keyFor) => (kept = { keyFor, fetchedAt: now() }))
      .catch(() => {
        failedAt = now()
        throw notNow()
      })
      .finally(() => (coming = undefined))
    return coming
  }

  return async (header, token) => {
    const isFresh = kept !== undefined && now() - kept.fetchedAt < keptMs
    const keys = kept && isFresh ? kept : await fetchAnew()
    try {
      return await keys.keyFor(header, token)
    } catch (error) {
      // Perhaps it has changed its keys.
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - keys.fetchedAt < cooldownMs) throw error
      return (await fetchAnew()).keyFor(header, token)
    }
  }
}

/** The operator has named the issuer, so it may be in the house; what it points to elsewhere is on the public internet. */
export const policyFor = (issuer: string): NetworkPolicy => ({
  ...publicInternet,
  privateOrigins: [new URL(issuer).origin],
})

/** An issuer on this machine is tried out by its name, which no DNS knows. */
const resolveFor = (issuer: string, resolve: Resolve): Resolve =>
  new URL(issuer).hostname === 'localhost'
    ? (name, signal) => (name === 'localhost' ? Promise.resolve(['127.0.0.1']) : resolve(name, signal))
    : resolve

const Discovered = z.object({ issuer: z.string(), jwks_uri: z.string() })
const KeySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

async function fetchKeys(issuer: string, way: Outbound): Promise<JWTVerifyGetKey> {
  const { issuer: named, jwks_uri: address } = Discovered.parse(
    await askFor(`${issuer}/.well-known/openid-configuration`, way),
  )
  if (named !== issuer) throw new Error('the identity provider calls itself by another name')
  return createLocalJWKSet(KeySetShape.parse(await askFor(address, way)))
}

async function askFor(url: string, way: Outbound): Promise<unknown> {
  const outcome = await send({ method: 'GET', url, headers: { accept: 'application/json' } }, way)
  if (outcome.outcome === 'refused') throw new Error(outcome.reason)
  if (outcome.status !== 200) throw new Error(`the identity provider answers ${outcome.status}`)
  return JSON.parse(outcome.body.toString('utf8')) as unknown
}
