import { pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, resourceColumns } from '../../platform/database/columns.ts'
import type { EncryptedTable } from '../../platform/vault/subjects.ts'
import { organisations } from '../tables.ts'

/** The contact channels of an organisation: a list, encrypted with the organisation's own key. */
export const contactChannels = pgTable('contact_channels', {
  ...resourceColumns,
  organisationId: uuid()
    .notNull()
    .unique()
    .references(() => organisations.id),
  channels: byteString().notNull(),
})

export const encryptedContactChannels: EncryptedTable = {
  table: 'contact_channels',
  columns: ['channels'],
  subject: { kind: 'organisation', column: 'organisation_id' },
}
