/**
 * The public keys of an identity provider. Its discovery document names them, the guarded way out fetches them, and
 * they are cached for minutes.
 */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { publicInternet, send, type NetworkPolicy, type Outbound, type Resolve } from './outbound.ts'
import { refusal } from '../problems.ts'

type KeySet = { readonly keyFor: JWTVerifyGetKey; readonly fetchedAt: number }

const keptMs = 600_000
/** At most two requests a minute for tokens that name an unknown key. */
const cooldownMs = 30_000
const retryMs = 10_000

const unavailable = refusal({
  status: 503,
  code: 'identity_provider_unavailable',
  title: 'Your identity provider does not answer',
  advice: 'Try again after the number of seconds in Retry-After, or use a token of this service.',
})
/** The cause is logged for the operator. The caller does not learn it. */
const notNow = (cause: unknown) =>
  Object.assign(unavailable(undefined, { retryAfterSeconds: retryMs / 1000 }), { cause })

/** Throws 503 while the keys cannot be fetched. Each fetch reads their address again. */
export function publishedKeys(
  issuer: string,
  { clock, outbound }: { clock: Clock; outbound: Omit<Outbound, 'policy'> },
): JWTVerifyGetKey {
  const way = { ...outbound, resolve: resolveFor(issuer, outbound.resolve), policy: policyFor(issuer) }
  const now = () => clock().getTime()
  let kept: KeySet | undefined
  let coming: Promise<KeySet> | undefined
  let failed: { at: number; cause: unknown } | undefined

  function fetchAnew(): Promise<KeySet> {
    if (failed && now() - failed.at < retryMs) return Promise.reject(notNow(failed.cause))
    coming ??= fetchKeys(issuer, way)
      .then((keyFor) => (kept = { keyFor, fetchedAt: now() }))
      .catch((cause: unknown) => {
        failed = { at: now(), cause }
        throw notNow(cause)
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
      // The provider may have changed its keys.
      if (!(error instanceof errors.JWKSNoMatchingKey) || now() - keys.fetchedAt < cooldownMs) throw error
      return (await fetchAnew()).keyFor(header, token)
    }
  }
}

/**
 * The operator named the issuer, so it may be on a private network. Every other host that it names must be public.
 */
export const policyFor = (issuer: string): NetworkPolicy => ({
  ...publicInternet,
  privateOrigins: [new URL(issuer).origin],
})

/** For an issuer on this machine, whose name no DNS knows. */
const resolveFor = (issuer: string, resolve: Resolve): Resolve =>
  new URL(issuer).hostname === 'localhost'
    ? (name, signal) => (name === 'localhost' ? Promise.resolve(['127.0.0.1']) : resolve(name, signal))
    : resolve

const Discovered = z.object({ issuer: z.string(), jwks_uri: z.string() })
const KeySetShape = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) })

async function fetchKeys(issuer: string, way: Outbound): Promise<JWTVerifyGetKey> {
  const document = `${issuer}/.well-known/openid-configuration`
  const { issuer: named, jwks_uri: address } = await askFor('configuration', document, Discovered, way)
  if (named !== issuer) throw failing('configuration_of_another_issuer')
  return createLocalJWKSet(await askFor('keys', address, KeySetShape, way))
}

async function askFor<Shape extends z.ZodType>(
  what: 'configuration' | 'keys',
  url: string,
  shape: Shape,
  way: Outbound,
): Promise<z.infer<Shape>> {
  const outcome = await send({ method: 'GET', url, headers: { accept: 'application/json' } }, way)
  if (outcome.outcome === 'refused') throw failing(`${what}_${outcome.reason}`)
  if (outcome.status !== 200) throw failing(`${what}_status_${outcome.status}`)
  const { success, data } = shape.safeParse(jsonOf(outcome.body))
  if (!success) throw failing(`${what}_malformed`)
  return data
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Our own code, which tells an operator what to correct. It repeats no address and nothing of the answer. */
const failing = (code: string) =>
  Object.assign(new Error('the keys of the identity provider cannot be had'), { code })
