/**
 * How the driver runs a prepared statement whose rows keep their text. PostgreSQL describes the statement once for each
 * connection; a row is decoded from its message in one go instead of field by field; nothing is copied that the driver
 * copies to be safe from its users.
 *
 * It leans on the inside of `pg` and `pg-protocol` (both pinned): test/platform/database/row-query.test.ts is its probe.
 */
import pg from 'pg'
import { Parser } from 'pg-protocol/dist/parser.js'
import { queryWithin, scopeStatement, scopeValues, type RlsContext } from './rls-context.ts'
import type { RowClass } from './rows.ts'
import type { Answer, Statement } from './statement.ts'

/** Runs a statement on a `RowClient`, within the RLS context if one is given. */
export function query(
  client: pg.ClientBase,
  statement: Statement | string,
  values?: unknown[],
  scope?: RlsContext,
): Promise<Answer> {
  if (typeof statement !== 'string' && statement.rowClass)
    return queryRows(client, statement as PreparedStatement, values ?? [], scope)
  if (scope) return queryWithin(client, scope, statement, values)
  return client.query(statement as pg.QueryConfig, values)
}

const { prepareValue } = (pg as unknown as { utils: { prepareValue(value: unknown): Sent } }).utils
/** A value as it is sent: text, or bytes for a `bytea`. */
type Sent = string | Buffer | null

type PreparedStatement = Statement & Required<Pick<Statement, 'rowClass'>>

function queryRows(
  client: pg.ClientBase,
  statement: PreparedStatement,
  values: readonly unknown[],
  scope: RlsContext | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = values.map((value) => prepareValue(value))
    const done: Callback = (error, answer) => (error ? reject(error) : resolve(answer))
    client.query(new RowQuery(statement, sent, scope, done) as unknown as pg.Query)
  })
}

/** A client whose messages with rows are left to those who asked for them. */
// eslint-disable-next-line no-restricted-syntax -- the driver's pool makes its clients with `new`
export class RowClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    const { connection } = this as unknown as { connection: Connection }
    connection.attachListeners = (stream) => {
      const parser = new RowParser()
      stream.on('data', (bytes: Buffer) =>
        parser.parse(bytes, (message) =>
          connection.emit(message.name === 'error' ? 'errorMessage' : message.name, message),
        ),
      )
    }
  }
}

const dataRow = 0x44
/** Of a message: its type and its length, and of a row the number of its fields. */
const lengthBytes = 4
const countBytes = 2

/** Its method is declared as private, which is one reason why the version is pinned. */
const DriverParser = Parser as unknown as new () => {
  parse(bytes: Buffer, handle: (message: { name: string }) => void): void
  handlePacket(offset: number, code: number, length: number, bytes: Buffer): { name: string }
}

/** The driver's parser, except that it leaves rows as they are. */
// eslint-disable-next-line no-restricted-syntax -- the parser asks its own method what a message means
class RowParser extends DriverParser {
  override handlePacket(offset: number, code: number, length: number, bytes: Buffer): { name: string } {
    if (code === dataRow) return new RowMessage(bytes, offset, length)
    return super.handlePacket(offset, code, length, bytes)
  }
}

const fieldParser = new DriverParser()

/** A message with a row. Its bytes may be reused once the message has been handled. */
// eslint-disable-next-line no-restricted-syntax -- made for every row: an object with a getter of its own is slow to make
export class RowMessage {
  readonly name = 'dataRow'
  readonly bytes: Buffer
  readonly offset: number
  readonly length: number

  constructor(bytes: Buffer, offset: number, length: number) {
    this.bytes = bytes
    this.offset = offset
    this.length = length
  }

  /** For the driver's own queries. */
  get fields(): (string | null)[] {
    const message: object = fieldParser.handlePacket(this.offset, dataRow, this.length, this.bytes)
    return (message as { fields: (string | null)[] }).fields
  }
}

/** Reads rows of this class from their messages. */
export const readRow =
  <Row>(rowClass: RowClass<Row>) =>
  ({ bytes, offset, length }: RowMessage): Row =>
    new rowClass(bytes, offset + countBytes, offset + length - lengthBytes)

type Callback = (error: Error | null, answer: Answer) => void
type Connection = {
  stream: { cork(): void; uncork(): void }
  /** How to read a row, by the name of the statement that was described. */
  described?: Map<string, (message: RowMessage) => unknown>
  parsedStatements: Record<string, string | undefined>
  submittedNamedStatements: Record<string, string | undefined>
  parse(message: { name: string | undefined; text: string }): void
  bind(message: { statement: string | undefined; values: readonly Sent[] }): void
  describe(message: { type: 'P' }): void
  execute(message: object): void
  sync(): void
  attachListeners(stream: NodeJS.ReadableStream): void
  emit(name: string, message: object): void
}

/** What the driver accepts as its own, without the work of its constructor. */
const DriverQuery = function () {} as unknown as new () => object
DriverQuery.prototype = pg.Query.prototype

// eslint-disable-next-line no-restricted-syntax -- the driver asks the methods of a statement how it runs
class RowQuery extends DriverQuery {
  readonly name: string | undefined
  readonly text: string
  callback: Callback
  readonly #statement: PreparedStatement
  readonly #values: readonly Sent[]
  readonly #scope: RlsContext | undefined
  #isEntered: boolean
  #connection: Connection | undefined
  #read: ((message: RowMessage) => unknown) | undefined
  #fault: Error | undefined
  readonly #rows: unknown[] = []

  constructor(
    statement: PreparedStatement,
    values: readonly Sent[],
    scope: RlsContext | undefined,
    callback: Callback,
  ) {
    super()
    this.name = statement.name
    this.text = statement.text
    this.callback = callback
    this.#statement = statement
    this.#values = values
    this.#scope = scope
    this.#isEntered = scope === undefined
  }

  /** Returns an error without sending anything: PostgreSQL would run the first statement of this name. */
  submit(connection: Connection): Error | null {
    const parsed = parsedText(connection, this.name) ?? this.text
    if (parsed !== this.text) return new Error(`two statements have the name ${this.name}`)
    this.#connection = connection
    this.#read = this.name === undefined ? undefined : connection.described?.get(this.name)
    connection.stream.cork()
    try {
      this.#send(connection)
    } finally {
      connection.stream.uncork()
    }
    return null
  }

  #send(connection: Connection): void {
    const { name, text } = this
    if (this.#scope) {
      connection.bind({ statement: scopeStatement.name, values: scopeValues(this.#scope) })
      connection.execute({})
    }
    const isParsed = parsedText(connection, name) !== undefined
    if (!isParsed) {
      connection.parse({ name, text })
      if (name !== undefined) connection.submittedNamedStatements[name] = text
    }
    connection.bind({ statement: name, values: this.#values })
    if (!this.#read) connection.describe({ type: 'P' })
    connection.execute({})
    connection.sync()
  }

  handleRowDescription({ fields }: { fields: { dataTypeID: number }[] }): void {
    this.#read = readRow(this.#statement.rowClass(fields.map(({ dataTypeID }) => dataTypeID)))
    if (this.name === undefined || !this.#connection) return
    const described = (this.#connection.described ??= new Map())
    described.set(this.name, this.#read)
  }

  handleDataRow(message: RowMessage): void {
    if (!this.#isEntered || this.#fault) return
    try {
      if (!this.#read) throw new Error('a row came before its description')
      this.#rows.push(this.#read(message))
    } catch (error) {
      this.#fault = error as Error
    }
  }

  handleCommandComplete(): void {
    this.#isEntered = true
  }

  handleError(error: Error): void {
    this.callback(error, nothing)
  }

  handleReadyForQuery(): void {
    if (this.#fault) this.callback(this.#fault, nothing)
    else this.callback(null, { rows: this.#rows, rowCount: this.#rows.length })
  }
}

function parsedText(connection: Connection, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return connection.parsedStatements[name] ?? connection.submittedNamedStatements[name]
}

const nothing: Answer = { rows: [], rowCount: null }
