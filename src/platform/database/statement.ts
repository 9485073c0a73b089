/** A statement for a connection, and the connection that runs it. */

export type Statement = { name?: string; text: string; rowMode?: 'array'; types?: unknown }
export type Answer = { rows: unknown[]; rowCount: number | null; command?: string }
/** A statement with the values that it is sent with. */
export type Filled = { text: string; values: unknown[] }
export type Runner = {
  query(statement: Statement | string, values?: unknown[]): Promise<Answer>
}
