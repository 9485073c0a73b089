/** What PostgreSQL, its driver and the system said, without their texts: those carry key values, and drizzle's the parameters. */
type Layer = { code?: unknown; constraint?: unknown; syscall?: unknown; message?: unknown }

const layersMax = 8

/**
 * The error and all that it was made from, the innermost first: drizzle wraps the driver's error, the driver Node's, and
 * Node wraps one for each address that it tried.
 */
function layersOf(error: unknown, depth = 0): Layer[] {
  if (typeof error !== 'object' || error === null || depth > layersMax) return []
  const { cause, errors } = error as { cause?: unknown; errors?: unknown }
  const inner = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]
  return [...inner.flatMap((one) => layersOf(one, depth + 1)), error]
}

/** The SQLSTATE of a database error, the code of a system error such as ECONNREFUSED, or ours for a driver's error without one. */
export function codeOf(error: unknown): string | undefined {
  const layers = layersOf(error)
  return layers.map(({ code }) => code).find((code) => typeof code === 'string') ?? driverCodeOf(layers)
}

export const constraintOf = (error: unknown): string | undefined =>
  layersOf(error)
    .map(({ constraint }) => constraint)
    .find((constraint) => typeof constraint === 'string')

const connectionTimeout = 'CONNECTION_TIMEOUT'
const connectionLost = 'CONNECTION_LOST'

/** There is no connection to ask on, whatever kept it from being made. The caller may try again. */
export const noConnection = (reason?: unknown): Error =>
  Object.assign(new Error('no connection', { cause: reason }), { code: connectionLost })

/** What `pg`, `pg-pool` and `pg-boss` say without a code. From the beginning, so that no text of a user's is taken for it. */
const driverCodes: readonly [RegExp, string][] = [
  [
    /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout|Query read timeout|LISTEN\/NOTIFY heartbeat timed out|ROLLBACK did not complete in time)/,
    connectionTimeout,
  ],
  [
    /^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|LISTEN\/NOTIFY (connection ended|channel registration was lost)|Received unexpected \w+ message from backend|received invalid response|The server does not support SSL|There was an error establishing an SSL)/,
    connectionLost,
  ],
]

function driverCodeOf(layers: readonly Layer[]): string | undefined {
  const messages = layers.flatMap(({ code, message }) =>
    code === undefined && typeof message === 'string' ? [message] : [],
  )
  return driverCodes.find(([said]) => messages.some((message) => said.test(message)))?.[1]
}

/**
 * SQLSTATEs of a server that is away, full, starting, stopping, in recovery or a standby, or that ended the connection.
 * 55P03 and 57014: a lock or a statement that took too long.
 */
const awayStates = /^(08...|53...|57P0[1-5]|25006|25P03|25P04|58000|58030|55P03|57014)$/
const awayCodes = new Set([
  connectionTimeout,
  connectionLost,
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTCONN',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
])
/** Whatever it failed with: a missing socket is ENOENT, too many open files are EMFILE. */
const connecting = new Set(['connect', 'getaddrinfo'])

const isAway = ({ code, syscall }: Layer): boolean =>
  typeof code === 'string' &&
  (awayStates.test(code) || awayCodes.has(code) || connecting.has(String(syscall)))

/** No answer can be had from the database just now: the caller may try again. */
export function isUnavailable(error: unknown): boolean {
  const layers = layersOf(error)
  return layers.some(isAway) || driverCodeOf(layers) !== undefined
}

/** A lock or a statement was waited for in vain: a matter of this row, not of the database. */
export const tookTooLong = (error: unknown): boolean => ['55P03', '57014'].includes(codeOf(error) ?? '')
