/**
 * Statements of a transaction that are made in one turn of the event loop leave in one write, with one Sync behind the
 * last. PostgreSQL answers them in one write too, instead of one for each statement. After an error it skips the rest,
 * so COMMIT is never carried out behind a statement that failed. A named statement is described once for each
 * connection. It depends on the internals of `pg`, which is pinned: test/platform/database/batches.test.ts is its probe.
 */
import pg from 'pg'
import { readRow, type RowMessage } from './row-query.ts'
import type { Answer, Runner, Statement } from './statement.ts'

type Field = { name: string; dataTypeID: number; format: 'text' | 'binary' }
type Parser = (text: string) => unknown
type Types = { getTypeParser(oid: number, format: string): Parser }

type Asked = {
  name: string
  text: string
  /** As they are written. */
  values: unknown[]
  types: Types
  asArrays: boolean
  answer: Answer & { command: string }
  rowClass: Statement['rowClass']
  readRow: ((message: RowMessage) => unknown) | undefined
  fault: unknown
  resolve(answer: Answer): void
  reject(error: unknown): void
}

type Connection = {
  stream: { cork(): void; uncork(): void }
  parsedStatements: Record<string, string | undefined>
  submittedNamedStatements: Record<string, string | undefined>
  parse(message: { name: string; text: string }): void
  bind(message: { statement: string; values: unknown[] }): void
  describe(message: { type: 'P'; name: string }): void
  execute(message: object): void
  sync(): void
}
type Callback = (error: Error | null) => void

const Query = pg.Query as unknown as new (config: object, callback: Callback) => { callback: Callback }
const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): unknown } }).utils

export type BatchingRunner = Runner & {
  /** Sends what waits now, and not at the end of the turn. */
  flush(): void
}

/**
 * Batches the statements of a connection that nobody else uses meanwhile. They are carried out in the order of the
 * calls. A value that cannot be written makes `query` throw at once: a caller that sends COMMIT next does not get there.
 */
export function batchingRunner(client: pg.ClientBase): BatchingRunner {
  const typesOfClient = (client as unknown as { _types: Types })._types
  const known: Known = { texts: new Map(), fields: new Map() }
  let waiting: Asked[] = []
  const flush = () => {
    if (waiting.length === 0) return
    const statements = waiting
    waiting = []
    client.query(new Batch(statements, known) as unknown as pg.Query)
  }
  return {
    flush,
    query: (statement, values = []) => {
      const {
        text,
        name = '',
        rowMode,
        types,
        rowClass,
      } = typeof statement === 'string' ? { text: statement } : statement
      requireOneText(known, name, text)
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const asked: Asked = {
        name,
        text,
        values: values.map((value) => prepareValue(value)),
        types: (types as Types | undefined) ?? typesOfClient,
        asArrays: rowMode === 'array',
        answer: { rows: [], rowCount: null, command: '' },
        rowClass,
        readRow: undefined,
        fault: undefined,
        resolve,
        reject,
      }
      if (waiting.length === 0) setImmediate(flush)
      waiting.push(asked)
      return promise
    },
  }
}

/** What the connection has learned of named statements. */
type Known = { texts: Map<string, string>; fields: Map<string, readonly Field[]> }

function requireOneText({ texts }: Known, name: string, text: string): void {
  if (name === '') return
  if ((texts.get(name) ?? text) !== text) throw new Error(`two statements have the name ${name}`)
  texts.set(name, text)
}

// eslint-disable-next-line no-restricted-syntax -- the driver asks the methods of a statement how it runs
class Batch extends Query {
  readonly #statements: readonly Asked[]
  readonly #known: Known
  #answered = 0

  constructor(statements: readonly Asked[], known: Known) {
    super({ text: '' }, () => undefined)
    this.#statements = statements
    this.#known = known
  }

  /** Name and text of the statement that is being answered: by them the driver remembers what PostgreSQL has parsed. */
  get name(): string | undefined {
    return this.#statements[this.#answered]?.name
  }
  get text(): string | undefined {
    return this.#statements[this.#answered]?.text
  }
  // Set by the constructor of the driver's class.
  set name(_: string | undefined) {}
  set text(_: string | undefined) {}

  submit(connection: Connection): null {
    connection.stream.cork()
    for (const statement of this.#statements) this.#send(connection, statement)
    connection.sync()
    connection.stream.uncork()
    return null
  }

  #send(connection: Connection, { name, text, values }: Asked): void {
    const { parsedStatements, submittedNamedStatements } = connection
    if (name === '' || (parsedStatements[name] ?? submittedNamedStatements[name]) === undefined) {
      connection.parse({ name, text })
      if (name !== '') submittedNamedStatements[name] = text
    }
    connection.bind({ statement: name, values })
    if (!this.#known.fields.has(name)) connection.describe({ type: 'P', name: '' })
    connection.execute({})
  }

  handleRowDescription({ fields }: { fields: readonly Field[] }): void {
    const asked = this.#statements[this.#answered]
    if (!asked) return
    asked.readRow = rowReader(asked, fields)
    if (asked.name !== '') this.#known.fields.set(asked.name, fields)
  }

  handleDataRow(message: RowMessage): void {
    const asked = this.#statements[this.#answered]
    if (!asked || asked.fault) return
    try {
      asked.readRow ??= rowReader(asked, this.#known.fields.get(asked.name) ?? [])
      asked.answer.rows.push(asked.readRow(message))
    } catch (error) {
      asked.fault = error
    }
  }

  handleCommandComplete({ text }: { text: string }): void {
    const asked = this.#statements[this.#answered]
    if (!asked) return
    this.#answered++
    // A statement without a description returns no rows.
    if (asked.name !== '' && !this.#known.fields.has(asked.name)) this.#known.fields.set(asked.name, [])
    // `INSERT 0 1`, `SELECT 5`, `COMMIT`.
    const words = text.split(' ')
    asked.answer.command = words[0] ?? ''
    asked.answer.rowCount = words.length > 1 ? Number(words.at(-1)) : null
    if (asked.fault) asked.reject(asked.fault)
    else asked.resolve(asked.answer)
  }

  /** The statements behind the one that failed were skipped, and fail with it. */
  handleError(error: Error, connection: Connection): void {
    const failed = this.#statements.slice(this.#answered)
    this.#answered = this.#statements.length
    for (const { name, reject } of failed) {
      delete connection.submittedNamedStatements[name]
      reject(error)
    }
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null)
  }
}

function rowReader(
  { types, asArrays, rowClass }: Asked,
  fields: readonly Field[],
): (message: RowMessage) => unknown {
  if (rowClass) return readRow(rowClass(fields.map(({ dataTypeID }) => dataTypeID)))
  const parsers = fields.map(({ dataTypeID, format }) => types.getTypeParser(dataTypeID, format))
  const parsed = (text: string | null, i: number): unknown => (text === null ? null : parsers[i]?.(text))
  if (asArrays) return (message) => message.fields.map(parsed)
  const names = fields.map(({ name }) => name)
  return (message) =>
    Object.fromEntries(message.fields.map((text, i) => [names[i], parsed(text, i)])) as unknown
}
