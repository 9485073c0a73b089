/**
 * Two ways to the database, both with the RLS context of a caller, which limits the visible rows.
 *
 * `read`: a few long-lived connections that all requests share, pipelined, each statement on its own. This gave reads the
 * largest measured gain; see bench/README.md. A slow statement delays those behind it, so these connections have a short
 * statement timeout, and long work belongs in a transaction.
 *
 * `transaction`: a pooled connection of its own, from BEGIN to COMMIT. Statements of one turn of the event loop leave in
 * one batch: BEGIN with the first of them, COMMIT with the rows of `insertAtCommit`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import { batchingRunner, type BatchingRunner } from './batches.ts'
import { anonymousConnections } from './connection-counts.ts'
import { openAllOrCloseAll, openReadConnections, type ReadConnections } from './read-connections.ts'
import { openPool, type Pool } from './pool.ts'
import { anonymousRole, callerRole, serviceRole } from './roles.ts'
import { enterRlsContext, systemRlsContext, type RlsContext } from './rls-context.ts'
import { query } from './row-query.ts'
import { codeOf } from './sqlstate.ts'
import type { Filled, Runner, Statement } from './statement.ts'

export type Db = NodePgDatabase<Record<string, never>> & { $client: Runner }

/** Required for writes, so that nothing is written outside a transaction by accident. */
export type Tx = Db & { readonly inTransaction: true }

/** The database with the RLS context of a caller. Rows that the caller may not see are invisible. */
export type Database = {
  readonly read: Db
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same connections with another RLS context. */
  as(scope: RlsContext): Database
}

/** The database with the RLS context of the service. */
export type OpenDatabase = Database & { close(): Promise<void> }

export type DatabaseOptions = { url: string; readConnections: number; poolConnectionsMax: number }

const readTimeoutMs = 5_000
const transactionTimeoutMs = 15_000
const connectTimeoutMs = 5_000
/** The driver gives a statement up this much later than PostgreSQL does, in case the server is gone. */
const silenceMs = 5_000
/** Deadlocks and serialisation failures are retried once. */
const retryable = new Set(['40001', '40P01'])
/** A delay, so that the retry does not conflict with the same transaction again. */
const retryDelayMs = 50

export async function connectDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const reads = await openReads(options)
  const pool = openPool({
    ...connection(options.url, transactionTimeoutMs, serviceRole),
    max: options.poolConnectionsMax,
    pipeline: true,
  })
  // A connection knows its prepared statements as long as it lives.
  const batchesOf = memoised(batchingRunner)
  const as = (scope: RlsContext): Database => ({
    read: reads.on(scope),
    transaction: (work) => retryOnce(() => transact(pool, batchesOf, scope, work)),
    as,
  })
  return {
    ...as(systemRlsContext),
    close: async () => {
      await Promise.all([reads.close(), pool.end()])
    },
  }
}

/**
 * Each role has connections of its own: PostgreSQL plans a prepared statement anew when it finds another role than it
 * was planned for. Anonymous callers see what is public, which is the same for all of them, and send no scope.
 */
async function openReads({ url, readConnections }: DatabaseOptions) {
  const open = (role: string, count = readConnections) =>
    openReadConnections(count, { ...connection(url, readTimeoutMs, role), pipeline: true })
  const opening = [
    open(serviceRole),
    open(callerRole),
    open(anonymousRole, anonymousConnections(readConnections)),
  ]
  const [service, caller, anonymous] = (await openAllOrCloseAll(opening, (lanes) => lanes.close())) as [
    ReadConnections,
    ReadConnections,
    ReadConnections,
  ]
  const unscoped = { system: orm(service.unscoped), anonymous: orm(anonymous.unscoped) }
  return {
    on: (scope: RlsContext): Db =>
      scope.caller === 'system' || scope.caller === 'anonymous'
        ? unscoped[scope.caller]
        : orm(caller.runnerFor((client, statement, values) => query(client, statement, values, scope))),
    close: () => Promise.all([service, caller, anonymous].map((lanes) => lanes.close())),
  }
}

function connection(url: string, statementTimeoutMs: number, role: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'solidarity-pact',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + silenceMs,
    idle_in_transaction_session_timeout: transactionTimeoutMs,
    // Statements are planned once for each connection. Left to itself, PostgreSQL plans those with lists of values anew
    // each time, which cost more than carrying them out: 0.7 ms of 1.2 for a page of visits.
    options: `-c role=${role} -c timezone=UTC -c datestyle=ISO -c lock_timeout=5000 -c plan_cache_mode=force_generic_plan`,
  }
}

type Handles = { scoped: Tx; service: Tx; bypassRls: Tx; end(): void }

/**
 * Handles of one transaction with the role of the caller, of the service, and of the service for one statement of a
 * caller's transaction. After `end` they send nothing: work that goes on after a failure beside it would write into the
 * next transaction of the connection.
 */
function handlesFor(batches: Runner): Handles {
  let isOver = false
  const own: Runner = {
    query: (statement, values) => {
      if (isOver) throw transactionEnded()
      return batches.query(statement, values)
    },
  }
  const scoped = orm(own) as Tx
  // Names of their own, because a plan is for one role: see `openReads`.
  const service = orm(withNamePrefix('service_', own)) as Tx
  const bypassRls = orm(withNamePrefix('service_', bypassingRunner(own))) as Tx
  unscopedOf.set(scoped, bypassRls)
  return { scoped, service, bypassRls, end: () => void (isOver = true) }
}

const transactionEnded = () => new Error('this transaction has ended')

const unscopedOf = new WeakMap<Tx, Tx>()

/**
 * Returns a handle that bypasses RLS, for a statement that must see more than the caller may, such as bookings elsewhere. Use
 * its result only for decisions, never show it. Say at every use why it is needed.
 */
export const bypassRls = (tx: Tx): Tx => unscopedOf.get(tx) ?? tx

/** Switches to the service role and back around each statement, in the same write. If the statement fails, the transaction is aborted. */
function bypassingRunner(batches: Runner): Runner {
  const take = (role: string) => {
    batches.query({ name: role, text: `select set_config('role', '${role}', true)` }).catch(() => undefined)
  }
  return {
    query: (statement, values) => {
      take(serviceRole)
      try {
        return batches.query(statement, values)
      } finally {
        // Also when a value cannot be written: the caller may go on with the transaction.
        take(callerRole)
      }
    },
  }
}

const withNamePrefix = (prefix: string, client: Runner): Runner => ({
  query: (statement, values) =>
    typeof statement === 'string' || statement.name === undefined
      ? client.query(statement, values)
      : client.query({ ...statement, name: prefix + statement.name }, values),
})

function memoised<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
  }
}

function orm(client: Runner): Db {
  // drizzle requires a pg client, but calls only `query`.
  const preparing: Runner = {
    query: (statement, values) => client.query(withName(statement, values), values),
  }
  return drizzle(preparing as unknown as pg.Client, { casing: 'snake_case' })
}

const statementNames = new Map<string, string>()
/** A limit, because each connection keeps its plans, and rare combinations of filters could fill the memory of the server. */
const statementNamesMax = 500

/** A named statement is parsed and planned once for each connection; drizzle's own have no names. */
function withName(statement: Statement | string, values: unknown[] | undefined): Statement | string {
  if (typeof statement === 'string' || statement.name !== undefined || !values?.length) return statement
  const name = statementNames.get(statement.text) ?? newName(statement.text)
  return name === undefined ? statement : { ...statement, name }
}

function newName(text: string): string | undefined {
  if (statementNames.size >= statementNamesMax) return undefined
  const name = `statement_${statementNames.size}`
  statementNames.set(text, name)
  return name
}

/** Makes the statement that inserts these rows, which all name the same columns. */
type Insert<Row> = (...rows: [Row, ...Row[]]) => Filled
type Pending = { tx: Tx; insert: Insert<never>; rows: unknown[] }
const pendingIn = new WeakMap<Tx, Pending[]>()

/** PostgreSQL takes 65,535 values in a statement. */
const rowsInStatement = 1000

/**
 * Inserts the row when the work of the transaction has returned, in the same write as COMMIT. Rows of one table become
 * one statement and keep their order. If it fails, nothing of the transaction is committed.
 */
export function insertAtCommit<Row>(tx: Tx, insert: Insert<Row>, row: Row): void {
  const pending = pendingIn.get(tx)
  if (!pending) throw transactionEnded()
  const last = pending.findLast((group) => group.insert === insert)
  if (last?.tx === tx) last.rows.push(row)
  else pending.push({ tx, insert, rows: [row] })
}

/** Made before the first of them is sent: an error here keeps COMMIT from being sent. */
const statementsOf = (pending: readonly Pending[]) =>
  pending.flatMap(({ tx, insert, rows }) =>
    inParts(rows, rowsInStatement).map((part) => ({ tx, ...insert(...(part as [never, ...never[]])) })),
  )

const inParts = <T>(list: readonly T[], length: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / length) }, (_, i) => list.slice(i * length, (i + 1) * length))

const begin: Statement = { name: 'begin', text: 'begin' }
const commit: Statement = { name: 'commit', text: 'commit' }

async function transact<T>(
  pool: Pool,
  batchesOf: (client: pg.PoolClient) => BatchingRunner,
  scope: RlsContext,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  const batches = batchesOf(client)
  const { end, ...handles } = handlesFor(batches)
  const isScoped = scope.caller !== 'system'
  const tx = isScoped ? handles.scoped : handles.service
  const pending: Pending[] = []
  for (const handle of Object.values(handles)) pendingIn.set(handle, pending)
  let broken: Error | undefined
  try {
    // BEGIN and the scope leave with the first statement. If they fail, that statement fails with them.
    const begun = awaitedLater(
      Promise.all([batches.query(begin), isScoped && enterRlsContext(batches, scope)]),
    )
    const result = await work(tx)
    const last = statementsOf(pending).map(({ tx: { $client }, text, values }) =>
      awaitedLater($client.query({ text }, values)),
    )
    end()
    const committing = awaitedLater(batches.query(commit))
    batches.flush()
    const [{ command }] = await Promise.all([committing, begun, ...last])
    // PostgreSQL answers COMMIT with ROLLBACK when a statement failed whose error somebody swallowed on the way.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back although its work returned')
    return result
  } catch (error) {
    end()
    // Behind a Sync of its own: behind a statement that fails it would be skipped.
    batches.flush()
    await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    for (const handle of Object.values(handles)) pendingIn.delete(handle)
    client.release(broken)
  }
}

/** Its error is not unhandled when something else fails before anybody waits for it. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

async function retryOnce<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!retryable.has(codeOf(error) ?? '')) throw error
    await pause(retryDelayMs)
    return attempt()
  }
}
