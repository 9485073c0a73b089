/** What PostgreSQL said, without its texts: those carry key values, and drizzle's carry the parameters. */
type Told = { code?: unknown; constraint?: unknown }

/** drizzle wraps the driver's error, so the SQLSTATE may stand one `cause` deeper. */
function told(error: unknown): Told | undefined {
  const inner = error instanceof Error && error.cause ? error.cause : error
  return typeof inner === 'object' && inner !== null ? inner : undefined
}

/** The SQLSTATE of a database error, or the code of a system error such as ECONNREFUSED. */
export function codeOf(error: unknown): string | undefined {
  const code = told(error)?.code
  return typeof code === 'string' ? code : undefined
}

export function constraintOf(error: unknown): string | undefined {
  const constraint = told(error)?.constraint
  return typeof constraint === 'string' ? constraint : undefined
}

const lostConnection = /^(08|57P|53)/
const systemCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'])

/** The database is away, full or stopping: the caller may try again. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  if (code) return lostConnection.test(code) || systemCodes.has(code) || code === '55P03' || code === '57014'
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded when trying to connect|not queryable/.test(messages(error))
  )
}

/** A lock or a statement was waited for in vain: a matter of this row, not of the database. */
export const tookTooLong = (error: unknown): boolean => ['55P03', '57014'].includes(codeOf(error) ?? '')

const messages = (error: Error): string =>
  error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message
