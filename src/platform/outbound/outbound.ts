/**
 * The only way out: HTTP to an address that somebody else chose. A name is resolved once, all its addresses must be
 * public, and the connection goes to the address that was checked, so that the name cannot resolve differently later.
 * It uses no connection pool, no proxy of the environment and no redirects.
 */
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { connect as connectPlainly, isIP, type Socket } from 'node:net'
import { connect as connectByTls, TLSSocket } from 'node:tls'
import { isPrivateUnicast, isPublicUnicast } from './addresses.ts'
import { request as ask } from '../node-http.ts'

/** Why nothing was sent, or no answer accepted. The sentence never repeats the address, a name or the sent data. */
export const outboundRefusals = {
  url_malformed: 'The address is not a web address.',
  scheme_not_allowed: 'The address has to begin with https://.',
  user_in_url: 'The address holds a user name or a password.',
  port_not_allowed: 'The port of the address is not one of those for the web.',
  name_not_resolved: 'The host has no address.',
  address_not_public: 'The host is not on the public internet, or not with all of its addresses.',
  connection_failed: 'No connection, or it was lost before an answer.',
  certificate_not_valid: 'The host has no valid certificate for its name.',
  redirected: 'The host sent elsewhere; redirects are not followed.',
  too_slow: 'There was no whole answer in time.',
  head_too_large: 'The head of the answer is too large.',
  answer_too_large: 'The answer is too large.',
  answer_malformed: 'The answer is not HTTP, or it was broken off.',
} as const
export type OutboundRefusal = keyof typeof outboundRefusals

export type OutboundRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** Names in lower case. The caller cannot set `host`, `content-length`, `connection` and `accept-encoding`. */
  readonly headers?: Readonly<Record<Lowercase<string>, string>>
  readonly body?: string | Buffer
}
export type OutboundAnswer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
export type Outcome =
  | ({ readonly outcome: 'answered' } & OutboundAnswer)
  | { readonly outcome: 'refused'; readonly reason: OutboundRefusal }

/** All addresses of a name, empty when there are none. Called once per request. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>

export type NetworkPolicy = {
  isPublic(address: string): boolean
  readonly ports: readonly number[]
  /**
   * Origins (`http://receiver.internal:8080`) that are allowed without TLS, on loopback or a private network. For
   * tests, and for receivers in the operator's own network.
   */
  readonly privateOrigins: readonly string[]
  /** PEM certificates to trust instead of those of Node. */
  readonly authorities?: readonly string[]
}

export type Outbound = {
  readonly resolve: Resolve
  readonly policy: NetworkPolicy
  /** A signal that aborts at the time limit. */
  deadline(milliseconds: number): AbortSignal
}

export const publicInternet: NetworkPolicy = {
  isPublic: isPublicUnicast,
  ports: [443, 8443],
  privateOrigins: [],
}

/** From resolving the name to the last byte of the answer. */
export const exchangeMillisecondsMax = 10_000
export const answerBytesMax = 100_000
export const headBytesMax = 16_384
const urlCharactersMax = 2048
// A name with a thousand addresses would make us connect to all of them.
const addressesTriedMax = 3

/** Does not throw for anything that the other side does: every failure there is an outcome. */
export async function send(request: OutboundRequest, outbound: Outbound): Promise<Outcome> {
  const signal = outbound.deadline(exchangeMillisecondsMax)
  let connection: Socket | undefined
  try {
    const target = targetOf(request.url, outbound.policy)
    const addresses = await addressesOf(target, outbound, signal)
    connection = await connect(target, addresses, outbound.policy, signal)
    const incoming = await headOf(request, target, connection, signal)
    const { statusCode: status = 0, headers } = incoming
    // A protocol upgrade is an answer too.
    if (status < 200) throw refused('answer_malformed')
    if (status >= 300 && status < 400) throw refused('redirected')
    const body = await bodyOf(incoming, connection, signal)
    return { outcome: 'answered', status, headers, body }
  } catch (error) {
    if (isRefused(error)) return { outcome: 'refused', reason: error.reason }
    throw error
  } finally {
    connection?.destroy()
  }
}

/**
 * Asks the DNS, not the system: the system's resolver reads the hosts file, tries local domains, and occupies one of
 * four threads as long as a hostile name server wants.
 */
export function dnsResolver(servers?: readonly string[]): Resolve {
  return async (name, signal) => {
    const resolver = new Resolver({ timeout: 2000, tries: 2 })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel)
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    signal.removeEventListener('abort', cancel)
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  }
}

type Target = {
  readonly url: URL
  /** Without the brackets of IPv6. */
  readonly host: string
  readonly port: number
  readonly byTls: boolean
  readonly isPrivate: boolean
}

function targetOf(given: string, policy: NetworkPolicy): Target {
  // The parser drops line breaks and changes backslashes, so a check of the text would see another address.
  const url = given.length > urlCharactersMax || /[\s\\\p{Cc}]/u.test(given) ? null : URL.parse(given)
  if (!url) throw refused('url_malformed')
  const byTls = url.protocol === 'https:'
  if (!byTls && url.protocol !== 'http:') throw refused('scheme_not_allowed')
  if (!/^https?:\/\/[^/]/i.test(given)) throw refused('url_malformed')
  if (/^\w+:\/\/[^/?#]*@/.test(given)) throw refused('user_in_url')

  const isPrivate = policy.privateOrigins.some((origin) => URL.parse(origin)?.origin === url.origin)
  const port = Number(url.port || (byTls ? 443 : 80))
  if (!isPrivate && !byTls) throw refused('scheme_not_allowed')
  if (!isPrivate && !policy.ports.includes(port)) throw refused('port_not_allowed')
  // A trailing dot names the same host, but no certificate has it.
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  return { url, host, port, byTls, isPrivate }
}

async function addressesOf(
  target: Target,
  { resolve, policy }: Outbound,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const addresses = isIP(target.host) ? [target.host] : await resolved(target.host, resolve, signal)
  if (addresses.length === 0) throw refused('name_not_resolved')
  const isAllowed = (address: string) =>
    policy.isPublic(address) || (target.isPrivate && isPrivateUnicast(address))
  if (!addresses.every(isAllowed)) throw refused('address_not_public')
  return addresses.slice(0, addressesTriedMax)
}

// Does not wait for a resolver that ignores the signal.
async function resolved(name: string, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  if (signal.aborted) throw refused('too_slow')
  const over = Promise.withResolvers<never>()
  const stop = () => over.reject(refused('too_slow'))
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([resolve(name, signal), over.promise])
  } catch {
    throw refused(signal.aborted ? 'too_slow' : 'name_not_resolved')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

async function connect(
  target: Target,
  addresses: readonly string[],
  policy: NetworkPolicy,
  signal: AbortSignal,
): Promise<Socket> {
  for (const address of addresses) {
    const socket = opening(address, target, policy)
    try {
      await once(socket, target.byTls ? 'secureConnect' : 'connect', { signal })
      return socket
    } catch {
      socket.destroy()
      if (signal.aborted) throw refused('too_slow')
      if (socket instanceof TLSSocket && socket.authorizationError) throw refused('certificate_not_valid')
    }
  }
  throw refused('connection_failed')
}

// `host` is an address, which Node does not resolve. The certificate must match the name.
function opening(address: string, { host, port, byTls }: Target, policy: NetworkPolicy): Socket {
  const socket = byTls
    ? connectByTls({
        host: address,
        port,
        servername: isIP(host) ? '' : host,
        // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED has no effect.
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
        ...(policy.authorities && { ca: [...policy.authorities] }),
      })
    : connectPlainly({ host: address, port })
  // A connection may emit another error after it was abandoned.
  return socket.on('error', () => undefined)
}

/** The request is written only after the handshake, so that a host without a valid certificate never sees it. */
async function headOf(
  request: OutboundRequest,
  { url, host, port, byTls }: Target,
  connection: Socket,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const bytesBefore = connection.bytesRead
  const body = Buffer.from(request.body ?? '')
  const name = isIP(host) === 6 ? `[${host}]` : host
  const asked = ask({
    createConnection: () => connection,
    signal,
    method: request.method,
    path: url.pathname + url.search,
    maxHeaderSize: headBytesMax,
    insecureHTTPParser: false,
    headers: {
      ...request.headers,
      host: port === (byTls ? 443 : 80) ? name : `${name}:${port}`,
      connection: 'close',
      // A small compressed body could become large here.
      'accept-encoding': 'identity',
      ...(request.method === 'POST' && { 'content-length': String(body.length) }),
    },
  })

  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(isRefused(error) ? error : refused(reasonOf(error, signal)))
    asked.on('response', resolve)
    asked.on('error', fail)
    asked.on('close', () => reject(refused('connection_failed')))
    // Interim answers may never end, and the parser starts to count again with each.
    asked.on('information', () => {
      if (connection.bytesRead - bytesBefore > headBytesMax) asked.destroy(refused('head_too_large'))
    })
    asked.end(request.method === 'POST' ? body : undefined)
  })
}

function reasonOf(error: unknown, signal: AbortSignal): OutboundRefusal {
  if (signal.aborted) return 'too_slow'
  const { code = '' } = error as NodeJS.ErrnoException
  if (code === 'HPE_HEADER_OVERFLOW') return 'head_too_large'
  return code.startsWith('HPE_') ? 'answer_malformed' : 'connection_failed'
}

async function bodyOf(incoming: IncomingMessage, connection: Socket, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of incoming as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > answerBytesMax) throw refused('answer_too_large')
      parts.push(part)
    }
  } catch (error) {
    throw isRefused(error) ? error : refused(signal.aborted ? 'too_slow' : 'answer_malformed')
  }
  // An answer without a length ends with its connection, and Node takes a close by us or a reset for that end.
  if (signal.aborted) throw refused('too_slow')
  if (connection.errored) throw refused('answer_malformed')
  return Buffer.concat(parts)
}

type Refused = Error & { readonly reason: OutboundRefusal }

const refused = (reason: OutboundRefusal): Refused => Object.assign(new Error(reason), { reason })

const isRefused = (error: unknown): error is Refused =>
  error instanceof Error && 'reason' in error && (error.reason as string) in outboundRefusals
