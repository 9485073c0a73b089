/**
 * A statement, and in the same implicit transaction before it, on whose behalf it is. The settings end with the
 * transaction, so the next statement of a shared connection knows nothing of them, and no round trip is added. It
 * leans on the inside of `pg` (pinned): test/platform/database/rls-context.test.ts is its probe.
 */
import pg from 'pg'
import {
  actorIdOf,
  administeredBy,
  coordinatorMandate,
  isInNetwork,
  organisationsOf,
  organisationsHiddenFrom,
  type Caller,
  type CallerKind,
} from '../access.ts'
import { callerRole } from './roles.ts'
import type { Answer, Statement } from './statement.ts'

/** What the policies of rows ask; functions.sql reads it with `current_setting`. */
export type RlsContext = {
  readonly caller: CallerKind
  /** Which organisations they may read beside their own: those of everybody, of the network, or all. */
  readonly reach: 'public' | 'network' | 'all'
  /** Empty where nobody is named. */
  readonly delegateId: string
  /** PostgreSQL's array of those whose matters the caller may know. */
  readonly organisationIds: string
  /** The one thing that a link opens; empty for everybody else. */
  readonly linkedId: string
  /** PostgreSQL's array of those who have sealed themselves away from the caller. */
  readonly sealedIds: string
  /** PostgreSQL's array of those whose page, people and tokens are the caller's to keep. */
  readonly administeredIds: string
  /** Who they are in the ledger: a delegate, or else the token or the link; empty where nobody is named. */
  readonly actorId: string
}

/** Jobs, starting, and what is looked up past the caller: the service itself, whom no policy holds. */
export const systemRlsContext: RlsContext = {
  caller: 'system',
  reach: 'all',
  delegateId: '',
  organisationIds: '{}',
  linkedId: '',
  sealedIds: '{}',
  administeredIds: '{}',
  actorId: '',
}

export const rlsContextOf = (caller: Caller): RlsContext => ({
  caller: caller.kind,
  reach: reachOf(caller),
  delegateId: caller.kind === 'delegate' ? caller.delegateId : '',
  organisationIds: `{${organisationsOf(caller).join()}}`,
  linkedId: caller.kind === 'link' ? caller.linkedId : '',
  sealedIds: `{${organisationsHiddenFrom(caller).join()}}`,
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

/** By the names under which the policies ask for them, in the order in which they are sent. */
const settingNames = {
  caller: 'caller',
  reach: 'reach',
  delegateId: 'delegate_id',
  organisationIds: 'organisation_ids',
  linkedId: 'linked_id',
  sealedIds: 'sealed_ids',
  administeredIds: 'administered_ids',
  actorId: 'actor_id',
} as const satisfies Record<keyof RlsContext, string>

const settings = Object.values(settingNames)
  .map((name, i) => `set_config('pact.${name}', $${i + 1}, true)`)
  .join()
const scopeStatement = { name: 'scope', text: `select ${settings}` }
const entering = { name: 'enter', text: `select ${settings}, set_config('role', '${callerRole}', true)` }

const valuesOf = (scope: RlsContext): string[] => [
  scope.caller,
  scope.reach,
  scope.delegateId,
  scope.organisationIds,
  scope.linkedId,
  scope.sealedIds,
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
    this.#values = valuesOf(scope)
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

/** Once for each connection, before the first scoped statement on it. */
export async function prepareRlsContext(client: pg.ClientBase): Promise<void> {
  await client.query({ ...scopeStatement, values: valuesOf(systemRlsContext) })
}

/** From here to the end of the transaction that has begun, only what a caller may know and do is there. */
export async function enterRlsContext(client: pg.ClientBase, scope: RlsContext): Promise<void> {
  await client.query({ ...entering, values: valuesOf(scope) })
}

/** Runs the statement within the scope. Extended protocol only: even without values, so that both share one Sync. */
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
