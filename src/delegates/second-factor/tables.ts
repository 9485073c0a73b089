import { integer, pgTable, uuid } from 'drizzle-orm/pg-core'
import { byteString, instant, resourceColumns } from '../../platform/database/columns.ts'
import type { EncryptedTable } from '../../platform/vault/subjects.ts'
import { delegates } from '../tables.ts'

/** What a person holds beside their tokens: the secret of an authenticator, sealed with the person's own key. */
export const secondFactors = pgTable('second_factors', {
  ...resourceColumns,
  delegateId: uuid()
    .notNull()
    .unique()
    .references(() => delegates.id),
  secret: byteString().notNull(),
  /** Since when it counts: its first code was right. */
  confirmedAt: instant(),
  /** The period of the last code that was taken; none is taken twice. */
  lastPeriod: integer().notNull().default(0),
  /** Wrong codes since the last right one, and until when no code is taken because of them: see `policy.ts`. */
  failures: integer().notNull().default(0),
  failuresUntil: instant(),
})

export const encryptedSecondFactors: EncryptedTable = {
  table: 'second_factors',
  columns: ['secret'],
  subject: { kind: 'person', column: 'delegate_id' },
}
