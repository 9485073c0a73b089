/**
 * Rate limits, counted in this process or for several in their supervisor. An IP address is never stored, only its HMAC with a salt that is in memory only and
 * changes every day. So the counts of yesterday identify nobody.
 */
import { createHmac } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { organisationsOf, type Caller } from '../access.ts'
import type { Clock } from '../clock.ts'
import {
  countAlone,
  type Charge,
  type DailySalt,
  type Policy,
  type QuotaState,
  type Window,
} from './counts.ts'
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

/** A promise only where another process has to be asked. */
type Counted = void | Promise<void>

export type Limits = {
  /**
   * Counts an unknown token or one-time secret. Throws 429 if the address has sent too many. A valid token from there still
   * works, because many people may share an address.
   */
  chargeBadSecret(request: FastifyRequest, reply: FastifyReply): Counted
  /** Counts one request of this caller and writes the RateLimit headers. Throws 429 if a quota is used up. */
  charge(request: FastifyRequest, reply: FastifyReply, caller: Caller): Counted
  /** Counts one registration, after its body is validated. Throws 429 if the quota of the address or network is used up. */
  chargeRegistration(request: FastifyRequest, reply: FastifyReply): Counted
}

export const tooMany = refusal({
  status: 429,
  code: 'too_many_requests',
  title: 'Too many requests in a short time',
  advice:
    'Wait for the number of seconds in Retry-After, then send fewer requests. RateLimit-Policy shows the quotas.',
})

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

/** The quota and window of each count. */
export const windowsOf = (quotas: Quotas): Readonly<Record<keyof Quotas, Window>> =>
  Object.fromEntries(
    Object.entries(windowSeconds).map(([name, windowSeconds]) => [
      name,
      { quota: quotas[name as keyof Quotas], windowSeconds },
    ]),
  ) as Record<keyof Quotas, Window>

export function openLimits(quotas: Quotas, clock: Clock, counting = countAlone(clock)): Limits {
  const addressOf = dailyAddressHash(counting.salt)
  const windows = windowsOf(quotas)
  const policy = (name: keyof Quotas): Policy => {
    const { quota, windowSeconds } = windows[name]
    return { name, quota, windowSeconds, header: `"${name}";q=${quota};w=${windowSeconds}` }
  }
  const policies = {
    anonymous: policy('anonymous'),
    token: policy('token'),
    organisation: policy('organisation'),
    badTokens: policy('badTokens'),
    scarce: policy('scarce'),
    registrations: policy('registrations'),
    networkRegistrations: policy('networkRegistrations'),
  }
  const take = (reply: FastifyReply, charges: readonly Charge[], advice?: string): Counted => {
    const settle = (states: readonly QuotaState[]): void => {
      writeHeaders(reply, states)
      const spent = states.find(({ remaining }) => remaining < 0)
      if (spent) throw refuse(spent, advice)
    }
    const states = counting.take(charges)
    return states instanceof Promise ? states.then(settle) : settle(states)
  }

  return {
    chargeBadSecret: (request, reply) =>
      take(reply, [{ policy: policies.badTokens, who: addressOf(request) }]),
    charge: (request, reply, caller) => {
      const { config } = request.routeOptions
      const who = bearerOf(caller) ?? addressOf(request)
      const charges = [{ policy: 'tokenId' in caller ? policies.token : policies.anonymous, who }]
      if (caller.kind !== 'link' && !config.urgent)
        for (const id of organisationsOf(caller)) charges.push({ policy: policies.organisation, who: id })
      if (config.scarce) charges.push({ policy: policies.scarce, who })
      return take(reply, charges)
    },
    chargeRegistration: (request, reply) => {
      const charges = [
        { policy: policies.registrations, who: addressOf(request) },
        { policy: policies.networkRegistrations, who: addressOf(request, networkBytes) },
      ]
      return take(reply, charges, askForInvitation)
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

type AddressOf = (request: FastifyRequest, bytes?: Bytes) => string

/**
 * Hashes the address of a request. Each connection keeps its hash until midnight, and with it no address: on a connection
 * from a proxy, which carries the requests of many addresses, each is hashed anew. 18 % of the processor time of an
 * anonymous read by id went into the HMAC and into parsing the address.
 */
function dailyAddressHash(saltOfToday: DailySalt): AddressOf {
  let { day, salt } = saltOfToday()
  let ofConnection = new WeakMap<object, string>()
  const hash = (network: string) => createHmac('sha256', salt).update(network).digest('base64url')
  return (request, bytes = addressBytes) => {
    const today = saltOfToday()
    if (today.day !== day) [day, salt, ofConnection] = [today.day, today.salt, new WeakMap()]
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
