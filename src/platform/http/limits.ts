/**
 * How often who may ask, counted in this process. An address is never kept: only an HMAC of it, by a salt that nobody
 * stores and that is another every day, so that yesterday's counts name nobody.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { organisationsOf, type Caller } from '../access.ts'
import type { Clock } from '../clock.ts'
import { refusal } from '../problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Makes what others must look after: nobody does it often. */
    scarce?: boolean
    /** Whether a request with this body adds to what others must verify: counted by address and network, whoever asks. */
    registers?: (body: unknown) => boolean
    /** Protects: what others of the organisation have asked does not keep anybody from it. */
    urgent?: boolean
  }
}

/** How many in a minute; of what is scarce, in an hour; of registrations, in a day. */
export type Quotas = {
  /** For each address from which somebody asks without a token, or by a link. */
  anonymous: number
  /** For each person, by all their tokens; and for each token of a system. */
  token: number
  /** For all tokens of an organisation together. */
  organisation: number
  /** Bad tokens, and other secrets that nobody holds, from one address. */
  badTokens: number
  scarce: number
  /** For each address, with a token or without: every registration gives a new one. */
  registrations: number
  /** For each network of addresses, in the same way. */
  networkRegistrations: number
}

type Policy = { name: keyof Quotas; quota: number; windowSeconds: number }
type Count = { taken: number; endsAt: number }
type QuotaState = { policy: Policy; remaining: number; resetSeconds: number }

export type Limits = {
  /**
   * A token, or a one-time secret, that nobody holds. Throws 429 when the address has sent too many; a good one from there
   * is still good, for many may share an address.
   */
  chargeBadSecret(request: FastifyRequest, reply: FastifyReply): void
  /** One request of this caller. Tells what is left in the headers; throws 429 when nothing is. */
  charge(request: FastifyRequest, reply: FastifyReply, caller: Caller): void
  /** One registration, once its body is known to be good. Throws 429 when the address or its network has none left. */
  chargeRegistration(request: FastifyRequest, reply: FastifyReply): void
}

export const tooMany = refusal({
  status: 429,
  code: 'too_many_requests',
  title: 'Too many requests in a short time',
  advice: 'Wait for the seconds given in Retry-After, and ask less often: RateLimit-Policy says how often.',
})

/** Of more callers than this, for each quota, those who came first are forgotten first. */
const countsMax = 100_000
const minute = 60
const hour = 60 * minute
const day = 24 * hour

const windowSeconds: Readonly<Record<keyof Quotas, number>> = {
  anonymous: minute,
  token: minute,
  organisation: minute,
  badTokens: minute,
  scarce: hour,
  registrations: day,
  networkRegistrations: day,
}

export function openLimits(quotas: Quotas, clock: Clock): Limits {
  const counts = countsBy(clock)
  const blind = dailyBlinding(clock)
  const policy = (name: keyof Quotas): Policy => ({
    name,
    quota: quotas[name],
    windowSeconds: windowSeconds[name],
  })
  const policies = {
    anonymous: policy('anonymous'),
    token: policy('token'),
    organisation: policy('organisation'),
    badTokens: policy('badTokens'),
    scarce: policy('scarce'),
    registrations: policy('registrations'),
    networkRegistrations: policy('networkRegistrations'),
  }

  return {
    chargeBadSecret: (request, reply) => {
      const quotaState = counts.take(policies.badTokens, blind(networkOf(request.ip)))
      writeHeaders(reply, [quotaState])
      if (quotaState.remaining < 0) throw refuse(quotaState)
    },
    charge: (request, reply, caller) => {
      const { config } = request.routeOptions
      const address = blind(networkOf(request.ip))
      const self = bearerOf(caller) ?? address
      const charged = [counts.take('tokenId' in caller ? policies.token : policies.anonymous, self)]
      if (caller.kind !== 'link' && !config.urgent)
        for (const id of organisationsOf(caller)) charged.push(counts.take(policies.organisation, id))
      if (config.scarce) charged.push(counts.take(policies.scarce, self))
      writeHeaders(reply, charged)
      const spent = charged.find(({ remaining }) => remaining < 0)
      if (spent) throw refuse(spent)
    },
    chargeRegistration: ({ ip }, reply) => {
      const charged = [
        counts.take(policies.registrations, blind(networkOf(ip))),
        counts.take(policies.networkRegistrations, blind(networkOf(ip, networkBytes))),
      ]
      writeHeaders(reply, charged)
      const spent = charged.find(({ remaining }) => remaining < 0)
      if (spent) throw refuse(spent, askForInvitation)
    },
  }
}

/** A person is one, with however many tokens: they make more by themselves. */
function bearerOf(caller: Caller): string | undefined {
  if (caller.kind === 'delegate') return caller.delegateId
  return 'tokenId' in caller ? caller.tokenId : undefined
}

const askForInvitation =
  'Too many organisations registered today from your address, or from the network around it. Ask a coordinator for an ' +
  'invitation and send it as `invitation`: then you need not wait. GET /v1/organisations?kind=coordination&status=verified ' +
  'lists the coordinations.'

const refuse = ({ resetSeconds }: QuotaState, detail?: string) =>
  tooMany(detail, { retryAfterSeconds: resetSeconds })

/** draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. */
function writeHeaders(reply: FastifyReply, standings: readonly QuotaState[]): void {
  const policies = standings.map(
    ({ policy: { name, quota, windowSeconds } }) => `"${name}";q=${quota};w=${windowSeconds}`,
  )
  const left = standings.map(
    ({ policy, remaining, resetSeconds }) => `"${policy.name}";r=${Math.max(remaining, 0)};t=${resetSeconds}`,
  )
  // What was told before was charged too: who sends a bad one-time secret is counted twice.
  void reply
    .header('ratelimit-policy', [reply.getHeader('ratelimit-policy') ?? [], policies].flat().join(', '))
    .header('ratelimit', [reply.getHeader('ratelimit') ?? [], left].flat().join(', '))
}

/** Windows that begin with a caller's first request, so that not everybody's ends at the same second. */
function countsBy(clock: Clock) {
  // Each policy forgets its own: a flood of addresses pushes out no token's count.
  const all = new Map<Policy, Map<string, Count>>()

  const current = (policy: Policy, who: string, now: number): Count => {
    const counts = all.get(policy) ?? new Map<string, Count>()
    all.set(policy, counts)
    const known = counts.get(who)
    if (known && known.endsAt > now) return known
    counts.delete(who)
    if (counts.size >= countsMax) counts.delete(counts.keys().next().value as string)
    const fresh = { taken: 0, endsAt: now + policy.windowSeconds * 1000 }
    counts.set(who, fresh)
    return fresh
  }
  return {
    take: (policy: Policy, who: string): QuotaState => {
      const now = clock().getTime()
      const count = current(policy, who, now)
      count.taken++
      return {
        policy,
        remaining: policy.quota - count.taken,
        resetSeconds: Math.ceil((count.endsAt - now) / 1000),
      }
    },
  }
}

function dailyBlinding(clock: Clock): (network: string) => string {
  let day = ''
  let salt = Buffer.alloc(0)
  return (network) => {
    const today = clock().toISOString().slice(0, 10)
    if (today !== day) [day, salt] = [today, randomBytes(32)]
    return createHmac('sha256', salt).update(network).digest('base64url')
  }
}

type Bytes = { ipv4: number; ipv6: number }

/** Whoever has one address of IPv6 has 2^64 of them: they count as one (RFC 6177). */
const addressBytes: Bytes = { ipv4: 4, ipv6: 8 }
/** A /24 of IPv4, the smallest network that is routed by itself; a /48 of IPv6, as large as one site is given (RFC 6177). */
const networkBytes: Bytes = { ipv4: 3, ipv6: 6 }

export function networkOf(address: string, bytes = addressBytes): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return `${parsed.kind()} ${parsed.toByteArray().slice(0, bytes[parsed.kind()]).join('.')}`
}
