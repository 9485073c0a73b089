/**
 * Rows of a prepared statement, as PostgreSQL sent them. A row keeps the text of its fields and decodes one when it is
 * read. A field that nobody reads is never decoded: the serialiser turns its text straight into JSON text. Of the 1,400
 * fields of a page of fifty, policies and handlers read some two hundred.
 *
 * A row is no plain object: spread, it would lose its fields. `present` adds to it what depends on the caller.
 */
import { Column, is } from 'drizzle-orm'
import pg from 'pg'
import {
  decoded,
  instantAsJson,
  listAsJson,
  listOfText,
  quoted,
  textAsJson,
  type WireText,
} from './row-text.ts'
import { rfc3339 } from './columns.ts'

/** What a field's text means, and how it becomes JSON text, by the type in which the contract describes the field. */
export type FieldKind = {
  decode(text: WireText): unknown
  /** Whether the decoded value is worth keeping for who reads it again. */
  isKept?: true
  toJson: Partial<Record<JsonType, (text: WireText) => string>>
}
export type JsonType = 'string' | 'number' | 'boolean' | 'strings'

/** The fields of a statement, in the order in which they come. */
export type Layout = { readonly fields: readonly { name: string; kind: FieldKind }[] }

/** A row as the serialiser sees it. The text of field number 3 is `$3`; null is SQL's null. */
export type StoredRow = {
  readonly $layout: Layout
  /** What `present` gave; it goes before the fields of the same name. */
  $given: Readonly<Record<string, unknown>> | undefined
  readonly [text: `$${number}`]: WireText | null
}

// A class, so that the linter refuses to spread a row.
// eslint-disable-next-line no-restricted-syntax -- it exists as a type only
declare class FieldsOfClass {
  readonly $layout?: Layout
}
/** A row of a prepared statement. Its fields belong to its class: use `present` where a plain object would be spread. */
export type Stored<Row> = Row & FieldsOfClass

/** Reads a row from a message of the wire: `bytes` from `start`, after the number of fields, to `end`. */
export type RowClass<Row> = new (bytes: Buffer, start: number, end: number) => Row

const text: FieldKind = { decode: decoded, toJson: { string: textAsJson } }
/** Of ASCII without quotes and escapes. */
const word: FieldKind = { decode: (value) => value, toJson: { string: quoted } }
const integer: FieldKind = { decode: Number, toJson: { number: (value) => value } }
const float: FieldKind = { decode: Number, toJson: {} }
const truth: FieldKind = {
  decode: (value) => value === 't',
  toJson: { boolean: (value) => (value === 't' ? 'true' : 'false') },
}
const instant: FieldKind = { decode: rfc3339, toJson: { string: instantAsJson } }
const list: FieldKind = {
  decode: (value) => listOfText(decoded(value)),
  isKept: true,
  toJson: { strings: listAsJson },
}
/** Decoded before it goes out, since only the response schema knows which of its fields may. */
const json: FieldKind = { decode: (value) => JSON.parse(decoded(value)) as unknown, isKept: true, toJson: {} }
const asDriverDoes = (parse: (value: string) => unknown): FieldKind => ({
  decode: (value) => parse(decoded(value)),
  isKept: true,
  toJson: {},
})

const { BOOL, INT2, INT4, FLOAT4, FLOAT8, JSON: JSON_, JSONB, UUID } = pg.types.builtins
const { DATE, TIMESTAMP, TIMESTAMPTZ, INTERVAL } = pg.types.builtins
/** The driver has no name for it. */
const TEXT_ARRAY = 1009

const kinds = new Map<number, FieldKind>([
  [BOOL, truth],
  [INT2, integer],
  [INT4, integer],
  [FLOAT4, float],
  [FLOAT8, float],
  [JSON_, json],
  [JSONB, json],
  [UUID, word],
  [DATE, word],
  // Text until a column decodes them: the choice that drizzle makes for its own statements.
  [TIMESTAMP, word],
  [TIMESTAMPTZ, word],
  [INTERVAL, word],
  [TEXT_ARRAY, list],
])

function kindOf(field: unknown, oid: number): FieldKind {
  const parse = pg.types.getTypeParser(oid) as (value: string) => unknown
  if (is(field, Column) && field.columnType.startsWith('PgCustom')) {
    if (field.getSQLType() === instantType) return instant
    return asDriverDoes((value) => field.mapFromDriverValue(parse(value)))
  }
  return kinds.get(oid) ?? (parse === unparsed ? text : asDriverDoes(parse))
}

/** What the driver does with a type that it does not know. */
const unparsed: unknown = pg.types.getTypeParser(0 as (typeof pg.types.builtins)['TEXT'])

const instantType = 'timestamp(3) with time zone'

/** Compiles the class of a statement's rows, once for each list of types that PostgreSQL describes. */
export function rowClasses<Row>(
  selection: Record<string, unknown>,
): (oids: readonly number[]) => RowClass<Row> {
  const compiled = new Map<string, RowClass<Row>>()
  return (oids) => {
    const key = oids.join()
    const known = compiled.get(key) ?? compile<Row>(selection, oids)
    compiled.set(key, known)
    return known
  }
}

function compile<Row>(selection: Record<string, unknown>, oids: readonly number[]): RowClass<Row> {
  const fields = Object.entries(selection).map(([name, field], i) => ({
    name,
    kind: kindOf(field, oids[i] ?? 0),
  }))
  const layout: Layout = { fields }
  // Names come from the code, never from a request.
  const source = `return class {
    constructor(bytes, start, end) {
      const all = bytes.latin1Slice(start, end)
      let at = start, length = 0
      this.$given = undefined
      ${fields.map(readingOf).join('')}
    }
    ${fields.map(getterOf).join('')}
    toJSON() { return toPlain(this) }
  }`
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is made above of names in the code
  const make = new Function('decoders', 'toPlain', source) as (
    decoders: FieldKind['decode'][],
    toPlain: (row: StoredRow) => object,
  ) => RowClass<Row>
  const made = make(
    fields.map(({ kind }) => kind.decode),
    plain,
  )
  Object.defineProperty(made.prototype, '$layout', { value: layout })
  return made
}

type Field = Layout['fields'][number]

/** The text of a field follows its length, which is -1 for null. */
const readingOf = ({ kind }: Field, i: number): string => `
      length = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]
      at += 4
      this.$${i} = length < 0 ? null : all.slice(at - start, at - start + length)
      if (length > 0) at += length
      ${kind.isKept ? `this.$decoded${i} = undefined` : ''}`

function getterOf({ name, kind }: Field, i: number): string {
  const key = JSON.stringify(name)
  const decoding = `decoders[${i}](this.$${i})`
  return `
    get ${key}() {
      const given = this.$given
      if (given !== undefined && ${key} in given) return given[${key}]
      if (this.$${i} === null) return null
      return ${kind.isKept ? `this.$decoded${i} ??= ${decoding}` : decoding}
    }`
}

/**
 * Adds to a row what depends on the caller, in place of the fields of the same names. The row itself is returned, so that
 * its other fields still go out as they came. A field that is given as undefined is left out.
 */
export function present<Row extends object, Given extends Readonly<Record<string, unknown>>>(
  row: Row,
  given: Given,
): Stored<Omit<Row, keyof Given> & Given> {
  if (!isStoredRow(row)) return { ...row, ...given }
  for (const name in given) if (!(name in row)) defineGiven(row, name)
  row.$given = row.$given === undefined ? given : { ...row.$given, ...given }
  return row as unknown as Stored<Omit<Row, keyof Given> & Given>
}

/** So that what was given is read like a field. */
function defineGiven(row: StoredRow, name: string): void {
  Object.defineProperty(Object.getPrototypeOf(row) as object, name, {
    get(this: StoredRow) {
      return this.$given?.[name]
    },
  })
}

/** All fields of the row, with what it was given, as a plain object: for what is kept as JSON. */
function plain(row: StoredRow): object {
  const fields = row.$layout.fields.map(({ name }) => [
    name,
    (row as unknown as Record<string, unknown>)[name],
  ])
  return { ...(Object.fromEntries(fields) as object), ...row.$given }
}

export const isStoredRow = (value: object): value is StoredRow => '$layout' in value
