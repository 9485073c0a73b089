/**
 * Sends the RLS context of the caller with a statement, in the same implicit transaction and without an extra round
 * trip. The settings end with the transaction, so they do not apply to the next statement of a shared connection. This
 * depends on internals of `pg` (pinned), which test/platform/database/rls-context.test.ts checks.
 */
import pg from 'pg'
import {
  actorIdOf,
  administeredBy,
  coordinatorMandate,
  isInNetwork,
  mayMeetSeals,
  organisationsOf,
  type Caller,
  type CallerKind,
} from '../access.ts'
import { callerRole } from './roles.ts'
import type { Answer, Runner, Statement } from './statement.ts'

/** The settings that policies check; functions.sql reads them with `current_setting`. */
export type RlsContext = {
  readonly caller: CallerKind
  /** Which other organisations the caller may read: public ones, those of the network, or all. */
  readonly reach: 'public' | 'network' | 'all'
  /** Empty if no delegate calls. */
  readonly delegateId: string
  /** The organisations whose matters the caller may know, as a PostgreSQL array. */
  readonly organisationIds: string
  /** The one row that a link gives access to; empty for all other callers. */
  readonly linkedId: string
  /** Whether a policy must look for sealed organisations: see is_sealed_away(). */
  readonly seals: 'none' | 'some'
  /** The organisations whose page, people and tokens the caller administers, as a PostgreSQL array. */
  readonly administeredIds: string
  /** The id of the actor in the ledger: a delegate, a token or a link; empty if there is none. */
  readonly actorId: string
}

/** The service itself, for jobs, the start and lookups beyond the caller's rights. No policy restricts it. */
export const systemRlsContext: RlsContext = {
  caller: 'system',
  reach: 'all',
  delegateId: '',
  organisationIds: '{}',
  linkedId: '',
  seals: 'none',
  administeredIds: '{}',
  actorId: '',
}

export const rlsContextOf = (caller: Caller): RlsContext => ({
  caller: caller.kind,
  reach: reachOf(caller),
  delegateId: caller.kind === 'delegate' ? caller.delegateId : '',
  organisationIds: `{${organisationsOf(caller).join()}}`,
  linkedId: caller.kind === 'link' ? caller.linkedId : '',
  seals: mayMeetSeals(caller) ? 'some' : 'none',
  administeredIds: `{${administeredBy(caller).join()}}`,
  actorId: actorIdOf(caller) ?? '',
})

function reachOf(caller: Caller): RlsContext['reach'] {
  if (caller.kind === 'operator' || coordinatorMandate(caller)) return 'all'
  return isInNetwork(caller) ? 'network' : 'public'
}

type Connection = {
  bind(message: { statement: string; values: readonly string[] }): void
  execute(message: object): void
  parse(message: { name: string; text: string }): void
}
type Inner = {
  prepare(connection: Connection): void
  handleDataRow(message: object): void
  handleCommandComplete(message: object, connection: Connection): void
  handleError(error: Error, connection: Connection): void
}

/** The names of the settings, as policies use them, in the order of sending. */
const settingNames = {
  caller: 'caller',
  reach: 'reach',
  delegateId: 'delegate_id',
  organisationIds: 'organisation_ids',
  linkedId: 'linked_id',
  seals: 'seals',
  administeredIds: 'administered_ids',
  actorId: 'actor_id',
} as const satisfies Record<keyof RlsContext, string>

const settings = Object.values(settingNames)
  .map((name, i) => `set_config('pact.${name}', $${i + 1}, true)`)
  .join()
export const scopeStatement = { name: 'scope', text: `select ${settings}` }
const entering = { name: 'enter', text: `select ${settings}, set_config('role', '${callerRole}', true)` }

/** The values of `scopeStatement`. */
export const scopeValues = (scope: RlsContext): string[] => [
  scope.caller,
  scope.reach,
  scope.delegateId,
  scope.organisationIds,
  scope.linkedId,
  scope.seals,
  scope.administeredIds,
  scope.actorId,
]

const Query = pg.Query as unknown as new (config: object, callback: Callback) => Inner
type Callback = (error: Error | null, result: Answer) => void

// eslint-disable-next-line no-restricted-syntax -- the driver asks the methods of a statement how it runs
class ScopedQuery extends Query {
  readonly #values: readonly string[]
  #entered = false

  constructor(scope: RlsContext, config: object, callback: Callback) {
    super(config, callback)
    this.#values = scopeValues(scope)
  }

  override prepare(connection: Connection): void {
    connection.bind({ statement: scopeStatement.name, values: this.#values })
    connection.execute({})
    super.prepare(connection)
  }

  override handleDataRow(message: object): void {
    if (this.#entered) super.handleDataRow(message)
  }

  override handleCommandComplete(message: object, connection: Connection): void {
    if (this.#entered) return super.handleCommandComplete(message, connection)
    this.#entered = true
  }
}

/** Runs once for each connection, before its first statement with an RLS context. */
export async function prepareRlsContext(client: pg.ClientBase): Promise<void> {
  await client.query({ ...scopeStatement, values: scopeValues(systemRlsContext) })
}

/** Applies the RLS context of a caller until the end of the current transaction. */
export async function enterRlsContext(client: Runner, scope: RlsContext): Promise<void> {
  await client.query(entering, scopeValues(scope))
}

/** Runs the statement with the RLS context. Always by the extended protocol, so that both share one Sync. */
export function queryWithin(
  client: pg.ClientBase,
  scope: RlsContext,
  statement: Statement | string,
  values: unknown[] = [],
): Promise<Answer> {
  const config = typeof statement === 'string' ? { text: statement } : statement
  return new Promise((resolve, reject) => {
    const done: Callback = (error, result) => (error ? reject(error) : resolve(result))
    client.query(
      new ScopedQuery(scope, { ...config, values, queryMode: 'extended' }, done) as unknown as pg.Query,
    )
  })
}
