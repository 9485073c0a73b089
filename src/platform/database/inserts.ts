/** Insert statements whose text drizzle writes once for each choice of columns and number of rows. */
import { sql, type InferInsertModel, type Param, type Placeholder } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from './database.ts'
import type { Filled } from './statement.ts'

const writer = drizzle.mock({ casing: 'snake_case' })

/** More rows are rare, and each number has a statement of its own. */
const rowsKeptMax = 16

/** Where the value of a parameter stands in the rows, and how its column writes it. */
type Slot = { row: number; column: string; write(value: unknown): unknown }
type Kept = { text: string; slots: readonly Slot[] }

/** Makes an insert of one or more rows. All name the same columns, and no others are written. */
export function insertOf<Table extends PgTable>(table: Table) {
  type Row = InferInsertModel<Table>
  const statements = new Map<string, Kept>()
  return (...rows: [Row, ...Row[]]): Filled => {
    const columns = Object.entries(rows[0]).flatMap(([column, value]) => (value === undefined ? [] : column))
    const choice = `${rows.length} ${columns.join()}`
    const { text, slots } = statements.get(choice) ?? statementFor(choice, columns, rows.length)
    return { text, values: slots.map((slot) => written(rows, slot)) }
  }

  function statementFor(choice: string, columns: readonly string[], count: number): Kept {
    const rowOf = (_: unknown, i: number) =>
      Object.fromEntries(columns.map((column) => [column, sql.placeholder(`${i}.${column}`)])) as Row
    const query = writer
      .insert(table)
      .values(Array.from({ length: count }, rowOf))
      .toSQL()
    const statement = { text: query.sql, slots: query.params.map(slotOf) }
    if (count <= rowsKeptMax) statements.set(choice, statement)
    return statement
  }
}

/** Inserts one row. The columns that it names, and no others, are written. */
export function inserting<Table extends PgTable>(table: Table) {
  const insert = insertOf(table)
  return async (tx: Tx, row: InferInsertModel<Table>): Promise<void> => {
    const { text, values } = insert(row)
    await tx.$client.query({ text }, values)
  }
}

function slotOf(parameter: unknown): Slot {
  const { value, encoder } = parameter as Param
  const [row, column = ''] = (value as Placeholder).name.split('.')
  return { row: Number(row), column, write: (given) => encoder.mapToDriverValue(given) }
}

/** Without a value there is nothing to write, not even JSON's null. */
function written(rows: readonly Record<string, unknown>[], { row, column, write }: Slot): unknown {
  const given = rows[row]?.[column]
  return given === null || given === undefined ? null : write(given)
}
