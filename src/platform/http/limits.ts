/**
 * Rate limits, counted in this process. An IP address is never stored, only its HMAC with a salt that is in memory only and
 * changes every day. So the counts of yesterday identify nobody.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { organisationsOf, type Caller } from '../access.ts'
import type { Clock } from '../clock.ts'
import { refusal } from '../problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Creates work for other people, so it has a low quota per hour. */
    scarce?: boolean
    /** Whether a request with this body registers an organisation. Counted by address and network, for every caller. */
    registers?: (body: unknown) => boolean
    /** Protects people, so it does not use the quota of the organisation: colleagues cannot block it. */
    urgent?: boolean
  }
}

/** Requests per minute; `scarce` per hour; registrations per day. */
export type Quotas = {
  /** Per address, for requests without a token or with an offer link. */
  anonymous: number
  /** Per person with all their tokens, and per token of a system. */
  token: number
  /** For all tokens of an organisation together. */
  organisation: number
  /** Per address: unknown tokens and unknown one-time secrets. */
  badTokens: number
  scarce: number
  /** Per address, with or without a token, because every registration issues a new token. */
  registrations: number
  /** Per network of addresses, in the same way. */
  networkRegistrations: number
}

type Policy = { name: keyof Quotas; quota: number; windowSeconds: number; header: string }
type Count = { taken: number; endsAt: number }
type QuotaState = { policy: Policy; remaining: number; resetSeconds: number }

export type Limits = {
  /**
   * Counts an unknown token or one-time secret. Throws 429 if the address has sent too many. A valid token from there still
   * works, because many people may share an address.
   */
  chargeBadSecret(request: FastifyRequest, reply: FastifyReply): void
  /** Counts one request of this caller and writes the RateLimit headers. Throws 429 if a quota is used up. */
  charge(request: FastifyRequest, reply: FastifyReply, caller: Caller): void
  /** Counts one registration, after its body is validated. Throws 429 if the quota of the address or network is used up. */
  chargeRegistration(request: FastifyRequest, reply: FastifyReply): void
}

export const tooMany = refusal({
  status: 429,
  code: 'too_many_requests',
  title: 'Too many requests in a short time',
  advice:
    'Wait for the number of seconds in Retry-After, then send fewer requests. RateLimit-Policy shows the quotas.',
})

/** Counts per quota that are kept; beyond that, the oldest are dropped first. */
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
  const counts = openCounts(clock)
  const addressOf = dailyAddressHash(clock)
  const policy = (name: keyof Quotas): Policy => ({
    name,
    quota: quotas[name],
    windowSeconds: windowSeconds[name],
    header: `"${name}";q=${quotas[name]};w=${windowSeconds[name]}`,
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
      const quotaState = counts.take(policies.badTokens, addressOf(request))
      writeHeaders(reply, [quotaState])
      if (quotaState.remaining < 0) throw refuse(quotaState)
    },
    charge: (request, reply, caller) => {
      const { config } = request.routeOptions
      const self = bearerOf(caller) ?? addressOf(request)
      const charged = [counts.take('tokenId' in caller ? policies.token : policies.anonymous, self)]
      if (caller.kind !== 'link' && !config.urgent)
        for (const id of organisationsOf(caller)) charged.push(counts.take(policies.organisation, id))
      if (config.scarce) charged.push(counts.take(policies.scarce, self))
      writeHeaders(reply, charged)
      const spent = charged.find(({ remaining }) => remaining < 0)
      if (spent) throw refuse(spent)
    },
    chargeRegistration: (request, reply) => {
      const charged = [
        counts.take(policies.registrations, addressOf(request)),
        counts.take(policies.networkRegistrations, addressOf(request, networkBytes)),
      ]
      writeHeaders(reply, charged)
      const spent = charged.find(({ remaining }) => remaining < 0)
      if (spent) throw refuse(spent, askForInvitation)
    },
  }
}

/** A person counts once for all their tokens, because they can issue more themselves. */
function bearerOf(caller: Caller): string | undefined {
  if (caller.kind === 'delegate') return caller.delegateId
  return 'tokenId' in caller ? caller.tokenId : undefined
}

const askForInvitation =
  'Too many organisations registered today from your address or its network. Wait until tomorrow, or ask a coordinator ' +
  'for an invitation and send it as `invitation`. GET /v1/organisations?kind=coordination&status=verified lists the ' +
  'coordinations.'

const refuse = ({ resetSeconds }: QuotaState, detail?: string) =>
  tooMany(detail, { retryAfterSeconds: resetSeconds })

/** draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4. */
function writeHeaders(reply: FastifyReply, states: readonly QuotaState[]): void {
  const policies = states.map(({ policy }) => policy.header).join(', ')
  const left = states
    .map(
      ({ policy, remaining, resetSeconds }) =>
        `"${policy.name}";r=${Math.max(remaining, 0)};t=${resetSeconds}`,
    )
    .join(', ')
  addHeader(reply, 'ratelimit-policy', policies)
  addHeader(reply, 'ratelimit', left)
}

/** A request with an unknown one-time secret is counted twice, so it adds to a header that is already set. */
function addHeader(reply: FastifyReply, name: string, value: string): void {
  const before = reply.getHeader(name)
  void reply.header(name, before === undefined ? value : `${String(before)}, ${value}`)
}

/** Each window begins with the caller's first request, so that windows do not all end in the same second. */
function openCounts(clock: Clock) {
  // One map per policy: a flood of addresses must not displace the counts of tokens.
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

type AddressOf = (request: FastifyRequest, bytes?: Bytes) => string

/**
 * Hashes the address of a request. Each connection keeps its hash until midnight, and with it no address: on a connection
 * from a proxy, which carries the requests of many addresses, each is hashed anew. 18 % of the processor time of an
 * anonymous read by id went into the HMAC and into parsing the address.
 */
function dailyAddressHash(clock: Clock): AddressOf {
  let today = -1
  let salt = Buffer.alloc(0)
  let ofConnection = new WeakMap<object, string>()
  const hash = (network: string) => createHmac('sha256', salt).update(network).digest('base64url')
  return (request, bytes = addressBytes) => {
    const dayNow = Math.floor(clock().getTime() / (day * 1000))
    if (dayNow !== today) [today, salt, ofConnection] = [dayNow, randomBytes(32), new WeakMap()]
    const { ip, socket } = request
    if (bytes !== addressBytes || ip !== socket.remoteAddress) return hash(networkOf(ip, bytes))
    const known = ofConnection.get(socket) ?? hash(networkOf(ip))
    ofConnection.set(socket, known)
    return known
  }
}

type Bytes = { ipv4: number; ipv6: number }

/** A customer with one IPv6 address has 2^64 of them, so a /64 counts as one address (RFC 6177). */
const addressBytes: Bytes = { ipv4: 4, ipv6: 8 }
/** A /24 of IPv4, the smallest network that is routed separately; a /48 of IPv6, the size for one site (RFC 6177). */
const networkBytes: Bytes = { ipv4: 3, ipv6: 6 }

export function networkOf(address: string, bytes = addressBytes): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return `${parsed.kind()} ${parsed.toByteArray().slice(0, bytes[parsed.kind()]).join('.')}`
}
