/** The subjects that have data keys, and the columns that these keys encrypt. */
import type { SQL } from 'drizzle-orm'

export type SubjectKind = 'person' | 'organisation' | 'visit' | 'service'
/** The owner of a key: a person (a delegate), an organisation, a visit, or the service itself. */
export type Subject = { readonly kind: SubjectKind; readonly id: string }

export const person = (id: string): Subject => ({ kind: 'person', id })
export const organisation = (id: string): Subject => ({ kind: 'organisation', id })
export const visit = (id: string): Subject => ({ kind: 'visit', id })
/** Its key encrypts no column, so a rotation skips it. */
export const service: Subject = { kind: 'service', id: '00000000-0000-8000-8000-7665726d6572' }

/** Encrypted `bytea` columns of a table whose primary key is `id`. */
export type EncryptedTable = {
  readonly table: string
  readonly columns: readonly string[]
  readonly subject: { readonly kind: SubjectKind; readonly column: string }
  /** Which rows are encrypted for this kind of subject, if not all. */
  readonly where?: SQL
}
