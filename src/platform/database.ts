/**
 * Two ways to the database, and no third.
 *
 * `read`: a few long-lived connections shared by every request, pipelined, each statement on its own. Measured
 * here as the lever that counts most for reads; see bench/README.md. A slow statement would hold up those behind
 * it, so the lanes have a short statement timeout and long work belongs in a transaction.
 *
 * `transaction`: a pooled connection of its own, from BEGIN to COMMIT.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { corkUntilEndOfTurn, openLanes, type Runner, type Statement } from './lanes.ts'
import { codeOf } from './sqlstate.ts'

export type Db = NodePgDatabase<Record<string, never>> & { $client: Runner }

/** What writes take: a plain `Db` will not do, so nothing is written outside a transaction by accident. */
export type Tx = Db & { readonly inTransaction: true }

export type Database = {
  readonly read: Db
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export type DatabaseOptions = { url: string; readConnections: number; poolConnectionsMax: number }

const readTimeoutMs = 5_000
const transactionTimeoutMs = 15_000
const connectTimeoutMs = 5_000
/** A deadlock or a serialisation failure is nobody's fault: the same work is tried once more. */
const retryable = new Set(['40001', '40P01'])
/** Long enough for the one that won to take what it waited for; at once, the two would meet again. */
const retryDelayMs = 50

export async function connectDatabase(options: DatabaseOptions): Promise<Database> {
  const lanes = await openLanes(options.readConnections, {
    ...connection(options.url, readTimeoutMs),
    pipeline: true,
  })
  const pool = new pg.Pool({
    ...connection(options.url, transactionTimeoutMs),
    max: options.poolConnectionsMax,
    pipeline: true,
  })
  // An idle connection that the server ends is replaced by the pool; the next request notices nothing.
  pool.on('error', () => undefined)
  // One that is ended in a transaction fails the statement that waits; unheard, its error would end the process too.
  pool.on('connect', (client) => client.on('error', () => undefined))
  const handles = new WeakMap<pg.PoolClient, Tx>()
  return {
    read: orm(lanes.runner),
    transaction: (work) => onceMoreIfRetryable(() => transact(pool, handles, work)),
    close: async () => {
      await Promise.all([lanes.close(), pool.end()])
    },
  }
}

function connection(url: string, statementTimeoutMs: number): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: 'solidarity-pact',
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: transactionTimeoutMs,
    // Statements are planned once for each connection. Left to itself, PostgreSQL plans those with lists of values anew
    // each time, which cost more than carrying them out: 0.7 ms of 1.2 for a page of visits.
    options: '-c timezone=UTC -c datestyle=ISO -c lock_timeout=5000 -c plan_cache_mode=force_generic_plan',
  }
}

function corking(client: pg.PoolClient): Runner {
  return {
    query: (statement, values) => {
      corkUntilEndOfTurn(client)
      return client.query(statement as pg.QueryConfig, values)
    },
  }
}

function orm(client: Runner): Db {
  // drizzle wants a pg client and calls nothing of it but `query`.
  const preparing: Runner = {
    query: (statement, values) => client.query(withName(statement, values), values),
  }
  return drizzle(preparing as unknown as pg.Client, { casing: 'snake_case' })
}

const statementNames = new Map<string, string>()
/** Each connection keeps its plans; without a limit, odd combinations of filters would fill the server's memory. */
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

async function transact<T>(
  pool: pg.Pool,
  handles: WeakMap<pg.PoolClient, Tx>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  const tx = handles.get(client) ?? (orm(corking(client)) as Tx)
  handles.set(client, tx)
  let broken: Error | undefined
  try {
    // BEGIN travels in the same write as the first statement; if it fails, that statement tells.
    corkUntilEndOfTurn(client)
    const begun = client.query('begin')
    begun.catch(() => undefined)
    const result = await work(tx)
    await begun
    const { command } = await client.query('commit')
    // PostgreSQL answers COMMIT with ROLLBACK when a statement failed whose error somebody swallowed on the way.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back although its work returned')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.release(broken)
  }
}

async function onceMoreIfRetryable<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!retryable.has(codeOf(error) ?? '')) throw error
    await pause(retryDelayMs)
    return attempt()
  }
}
