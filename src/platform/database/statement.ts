/** What is put to a connection, and whoever takes it. */

export type Statement = { name?: string; text: string; rowMode?: 'array'; types?: unknown }
export type Answer = { rows: unknown[]; rowCount: number | null }
export type Runner = {
  query(statement: Statement | string, values?: unknown[]): Promise<Answer>
}
