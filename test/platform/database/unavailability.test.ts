import t from 'tap'
import { DrizzleQueryError } from 'drizzle-orm'
import { Writable } from 'node:stream'
import { loggerOptions } from '../../../src/platform/start/logging.ts'
import { busy, invalid } from '../../../src/platform/problems.ts'
import { problemOf } from '../../../src/platform/http/error-handler.ts'
import { codeOf, isUnavailable, noConnection } from '../../../src/platform/database/sqlstate.ts'

const withCode = (code: string, more: object = {}) =>
  Object.assign(new Error('somebody’s name'), { code, ...more })
const caused = (cause: unknown) => new Error('outer', { cause })
const byDrizzle = (cause: unknown) => new DrizzleQueryError('select $1', ['a'], cause as Error)
const ofAddresses = (...errors: Error[]) => new AggregateError(errors, '')

const away: [what: string, error: unknown, code: string][] = [
  ...['08006', '53300', '57P01', '57P02', '57P03', '57P05', '25006', '25P03', '58030', '55P03', '57014'].map(
    (state): [string, unknown, string] => [`SQLSTATE ${state}`, withCode(state), state],
  ),
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'].map(
    (code): [string, unknown, string] => [code, withCode(code), code],
  ),
  ['a stream that is gone', withCode('ERR_STREAM_DESTROYED'), 'ERR_STREAM_DESTROYED'],
  ['a socket file that is not there', withCode('ENOENT', { syscall: 'connect' }), 'ENOENT'],
  ['no file descriptor left', withCode('EMFILE', { syscall: 'connect' }), 'EMFILE'],
  ['every address refused', ofAddresses(withCode('ECONNREFUSED'), withCode('ENETUNREACH')), 'ECONNREFUSED'],
  ['the same under drizzle', byDrizzle(ofAddresses(withCode('ECONNREFUSED'))), 'ECONNREFUSED'],
  ['three deep', byDrizzle(caused(caused(withCode('57P03')))), '57P03'],
  ['no lane', byDrizzle(noConnection()), 'CONNECTION_LOST'],
  ['no connection, as the database allows none', noConnection(withCode('55000')), '55000'],
  ['cut off', byDrizzle(new Error('Connection terminated unexpectedly')), 'CONNECTION_LOST'],
  ['closed', new Error('Client was closed and is not queryable'), 'CONNECTION_LOST'],
  [
    'broken',
    byDrizzle(new Error('Client has encountered a connection error and is not queryable')),
    'CONNECTION_LOST',
  ],
  ['garbled', new Error('received invalid response: 5a'), 'CONNECTION_LOST'],
  ['of pg-boss', new Error('LISTEN/NOTIFY connection ended'), 'CONNECTION_LOST'],
  ['no answer', byDrizzle(new Error('Query read timeout')), 'CONNECTION_TIMEOUT'],
  ['no connection in time', new Error('timeout expired'), 'CONNECTION_TIMEOUT'],
  ['a full pool', new Error('timeout exceeded when trying to connect'), 'CONNECTION_TIMEOUT'],
  [
    'the pool’s own limit',
    new Error('Connection terminated due to connection timeout', {
      cause: new Error('Connection terminated unexpectedly'),
    }),
    'CONNECTION_TIMEOUT',
  ],
]

t.test('an unavailable database answers 503 and logs a code', async (t) => {
  for (const [what, error, code] of away) {
    t.ok(isUnavailable(error), what)
    t.match(problemOf(error), { kind: { status: 503 }, extras: { retryAfterSeconds: 2 } }, what)
    t.equal(codeOf(error), code, what)
    t.match(logged(error), { code }, what)
  }
})

t.test('a programming error answers 500, whatever its message contains', async (t) => {
  const faults: [what: string, error: unknown][] = [
    ['a column that is not there', byDrizzle(withCode('42703'))],
    ['a file that is not there', withCode('ENOENT', { syscall: 'open' })],
    ['an internal error of PostgreSQL', withCode('XX000')],
    ['no right to it', withCode('42501')],
    ['a mistake', new TypeError('Connection is not a function')],
    ['no error at all', 'timeout expired'],
    ['nothing', undefined],
    ['a circle', Object.assign(new Error('round'), { cause: circle })],
    [
      'a text of somebody’s that says so',
      new DrizzleQueryError('select $1', ['timeout expired'], withCode('42703')),
    ],
    [
      'the same in a message of PostgreSQL',
      Object.assign(new Error('Connection terminated'), { code: '42703' }),
    ],
  ]
  for (const [what, error] of faults) {
    t.notOk(isUnavailable(error), what)
    t.match(problemOf(error), { kind: { status: 500 } }, what)
  }
  t.match(problemOf(withCode('23505')), { kind: { status: 409 } })
  t.match(problemOf(invalid()), { kind: { status: 422 } })
  t.match(logged(busy()), { code: 'unavailable' }, 'a refusal of our own is logged by its name')
})

const circle: { cause?: unknown } = {}
circle.cause = circle

/** The log line of an error. */
function logged(error: unknown): unknown {
  const { serializers } = loggerOptions('error', new Writable()) as {
    serializers: { err(error: unknown): unknown }
  }
  return serializers.err(error)
}
