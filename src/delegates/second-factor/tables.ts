import { integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, instant, resourceColumns } from '../../platform/database/columns.ts'
import type { EncryptedTable } from '../../platform/vault/subjects.ts'
import { delegates } from '../tables.ts'

/** The secret of a person's authenticator, encrypted with the person's own key. */
export const secondFactors = pgTable('second_factors', {
  ...resourceColumns,
  delegateId: uuid()
    .notNull()
    .unique()
    .references(() => delegates.id),
  secret: byteString().notNull(),
  /** When the first correct code confirmed it. */
  confirmedAt: instant(),
  /** The period of the last accepted code; no period is accepted twice. */
  lastPeriod: integer().notNull().default(0),
  /** Wrong codes since the last correct one, and until when codes are refused: see `policy.ts`. */
  failures: integer().notNull().default(0),
  failuresUntil: instant(),
})

export const encryptedSecondFactors: EncryptedTable = {
  table: 'second_factors',
  columns: ['secret'],
  subject: { kind: 'person', column: 'delegate_id' },
}
