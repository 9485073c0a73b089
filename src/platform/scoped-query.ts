/**
 * A statement, and in the same implicit transaction before it, on whose behalf it is. The settings end with the
 * transaction, so the next statement of a shared connection knows nothing of them, and no round trip is added. It
 * leans on the inside of `pg` (pinned): test/platform/scoped-query.test.ts is its probe.
 */
import pg from 'pg'
import type { Statement } from './lanes.ts'

/** What a row's policy asks; the database reads it with `current_setting`. */
export type Scope = { readonly caller: string; readonly delegateId: string; readonly organisationIds: string }

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

export const scopeStatement = {
  name: 'scope',
  text:
    `select set_config('pact.caller', $1, true), set_config('pact.delegate_id', $2, true), ` +
    `set_config('pact.organisation_ids', $3, true)`,
}

const Query = pg.Query as unknown as new (config: object, callback: Callback) => Inner
type Callback = (error: Error | null, result: Answer) => void
export type Answer = { rows: unknown[]; rowCount: number | null }

// eslint-disable-next-line no-restricted-syntax -- the driver asks the methods of a statement how it runs
class ScopedQuery extends Query {
  readonly #values: readonly string[]
  #entered = false

  constructor({ caller, delegateId, organisationIds }: Scope, config: object, callback: Callback) {
    super(config, callback)
    this.#values = [caller, delegateId, organisationIds]
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
export async function prepareScope(client: pg.ClientBase): Promise<void> {
  await client.query({ ...scopeStatement, values: ['', '', '{}'] })
}

/** Runs the statement within the scope. Extended protocol only: even without values, so that both share one Sync. */
export function queryWithin(
  client: pg.ClientBase,
  scope: Scope,
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
