/** Whose keys there are, and what is sealed with them. */
import type { SQL } from 'drizzle-orm'

export type SubjectKind = 'person' | 'organisation' | 'visit' | 'service'
/** Whose key it is: a person (a delegate), an organisation, a visit, or the service itself. */
export type Subject = { readonly kind: SubjectKind; readonly id: string }

export const person = (id: string): Subject => ({ kind: 'person', id })
export const organisation = (id: string): Subject => ({ kind: 'organisation', id })
export const visit = (id: string): Subject => ({ kind: 'visit', id })
/** Its key seals nothing, so no rotation changes it. */
export const service: Subject = { kind: 'service', id: '00000000-0000-8000-8000-7665726d6572' }

/** Columns of `bytea` that the vault sealed, in a table whose primary key is `id`. */
export type EncryptedTable = {
  readonly table: string
  readonly columns: readonly string[]
  readonly subject: { readonly kind: SubjectKind; readonly column: string }
  /** Which of its rows, where not all are sealed for this kind of subject. */
  readonly where?: SQL
}
