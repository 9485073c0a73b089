import { pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, resourceColumns } from '../../platform/database/columns.ts'
import type { EncryptedTable } from '../../platform/vault/subjects.ts'
import { delegates } from '../tables.ts'

/** The identity of a delegate. Stored apart from `delegates`, with every value encrypted with the person's own key. */
export const identities = pgTable('identities', {
  ...resourceColumns,
  delegateId: uuid()
    .notNull()
    .unique()
    .references(() => delegates.id),
  legalName: byteString(),
  phone: byteString(),
  email: byteString(),
  messenger: byteString(),
  travelDocument: byteString(),
})

export const encryptedIdentities: EncryptedTable = {
  table: 'identities',
  columns: ['legal_name', 'phone', 'email', 'messenger', 'travel_document'],
  subject: { kind: 'person', column: 'delegate_id' },
}
