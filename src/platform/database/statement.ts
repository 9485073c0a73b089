/** A statement for a connection, and the connection that runs it. */
import type { RowClass } from './rows.ts'

export type Statement = {
  name?: string
  text: string
  /** Of drizzle's statements: how their rows come. */
  rowMode?: 'array'
  types?: unknown
  /** Of a prepared statement: the class of its rows, by the types of their fields. */
  rowClass?: (oids: readonly number[]) => RowClass<unknown>
}
export type Answer = { rows: unknown[]; rowCount: number | null; command?: string }
/** A statement with the values that it is sent with. */
export type Filled = { text: string; values: unknown[] }
export type Runner = {
  query(statement: Statement | string, values?: unknown[]): Promise<Answer>
}
