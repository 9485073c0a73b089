/**
 * Two ways to the database, and no third; both on behalf of somebody, whose rows are the only ones there.
 *
 * `read`: a few long-lived connections shared by every request, pipelined, each statement on its own. Measured
 * here as the lever that counts most for reads; see bench/README.md. A slow statement would hold up those behind
 * it, so the lanes have a short statement timeout and long work belongs in a transaction.
 *
 * `transaction`: a pooled connection of its own, from BEGIN to COMMIT.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import {
  allOrNone,
  corkUntilEndOfTurn,
  openReadConnections,
  type ReadConnections,
} from './read-connections.ts'
import { openPool, type Pool } from './pool.ts'
import { anonymousRole, callerRole, serviceRole } from './roles.ts'
import { enterRlsContext, queryWithin, systemRlsContext, type RlsContext } from './rls-context.ts'
import { codeOf } from './sqlstate.ts'
import type { Runner, Statement } from './statement.ts'

export type Db = NodePgDatabase<Record<string, never>> & { $client: Runner }

/** What writes take: a plain `Db` will not do, so nothing is written outside a transaction by accident. */
export type Tx = Db & { readonly inTransaction: true }

/** The database on behalf of somebody: rows that are not theirs to see are not there. */
export type Database = {
  readonly read: Db
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same connections on behalf of another. */
  as(scope: RlsContext): Database
}

/** Opened on behalf of the service itself. */
export type OpenDatabase = Database & { close(): Promise<void> }

export type DatabaseOptions = { url: string; readConnections: number; poolConnectionsMax: number }

const readTimeoutMs = 5_000
const transactionTimeoutMs = 15_000
const connectTimeoutMs = 5_000
/** So much later than PostgreSQL itself the driver gives a statement up: by then nobody is there to answer. */
const silenceMs = 5_000
/** A deadlock or a serialisation failure is nobody's fault: the same work is tried once more. */
const retryable = new Set(['40001', '40P01'])
/** Long enough for the one that won to take what it waited for; at once, the two would meet again. */
const retryDelayMs = 50

export async function connectDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const reads = await openReads(options)
  const pool = openPool({
    ...connection(options.url, transactionTimeoutMs, serviceRole),
    max: options.poolConnectionsMax,
    pipeline: true,
  })
  const handlesOf = remembering(handlesOn)
  const as = (scope: RlsContext): Database => ({
    read: reads.on(scope),
    transaction: (work) => onceMoreIfRetryable(() => transact(pool, handlesOf, scope, work)),
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
  const opening = [open(serviceRole), open(callerRole), open(anonymousRole, Math.ceil(readConnections / 2))]
  const [service, caller, anonymous] = (await allOrNone(opening, (lanes) => lanes.close())) as [
    ReadConnections,
    ReadConnections,
    ReadConnections,
  ]
  const unscoped = { system: orm(service.unscoped), anonymous: orm(anonymous.unscoped) }
  return {
    on: (scope: RlsContext): Db =>
      scope.caller === 'system' || scope.caller === 'anonymous'
        ? unscoped[scope.caller]
        : orm(caller.runnerFor((client, ...asked) => queryWithin(client, scope, ...asked))),
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

type Handles = { scoped: Tx; service: Tx; bypassRls: Tx }

/** On behalf of a caller; as the service itself; and as the service for one statement of a caller's transaction. */
function handlesOn(client: pg.PoolClient): Handles {
  const scoped = orm(corking(client)) as Tx
  // Names of their own, because a plan is for one role: see `openReads`.
  const service = orm(naming('service_', corking(client))) as Tx
  const bypassRls = orm(naming('service_', goingBeyond(client))) as Tx
  unscopedOf.set(scoped, bypassRls)
  return { scoped, service, bypassRls }
}

const unscopedOf = new WeakMap<Tx, Tx>()

/**
 * For a statement of a caller's transaction that must see more than they may: who is busy elsewhere, whether a circle
 * closes. What it finds is for deciding, never for showing. Every use says why it is needed.
 */
export const bypassRls = (tx: Tx): Tx => unscopedOf.get(tx) ?? tx

function corking(client: pg.PoolClient): Runner {
  return {
    query: (statement, values) => {
      corkUntilEndOfTurn(client)
      return client.query(statement as pg.QueryConfig, values)
    },
  }
}

/** Out of the caller's role and back into it, in the same write; if the statement fails, so does all that follows. */
function goingBeyond(client: pg.PoolClient): Runner {
  const take = (role: string) => {
    client.query({ name: role, text: `select set_config('role', '${role}', true)` }).catch(() => undefined)
  }
  return {
    query: (statement, values) => {
      corkUntilEndOfTurn(client)
      take(serviceRole)
      const answer = client.query(statement as pg.QueryConfig, values)
      take(callerRole)
      return answer
    },
  }
}

const naming = (prefix: string, client: Runner): Runner => ({
  query: (statement, values) =>
    typeof statement === 'string' || statement.name === undefined
      ? client.query(statement, values)
      : client.query({ ...statement, name: prefix + statement.name }, values),
})

function remembering<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>()
  return (key) => {
    const value = known.get(key) ?? make(key)
    known.set(key, value)
    return value
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
  pool: Pool,
  handlesOf: (client: pg.PoolClient) => Handles,
  scope: RlsContext,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  const handles = handlesOf(client)
  const isScoped = scope.caller !== 'system'
  const tx = isScoped ? handles.scoped : handles.service
  let broken: Error | undefined
  try {
    // BEGIN and the scope travel in the same write as the first statement; if they fail, that statement tells.
    corkUntilEndOfTurn(client)
    const begun = Promise.all([client.query('begin'), isScoped && enterRlsContext(client, scope)])
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
