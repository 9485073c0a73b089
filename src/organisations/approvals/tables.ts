import { uuid, type AnyPgColumn } from 'drizzle-orm/pg-core'
import { instant } from '../../platform/database/columns.ts'

/** The first approval, in a row that has one only now and then. */
export const approvalColumns = () => ({
  requestedById: uuid(),
  requestedMandateId: uuid(),
  requestedForId: uuid(),
  expiresAt: instant(),
})

type Column = () => AnyPgColumn

/** The same columns in a row that is itself a request. The tables that they reference stand to the right of this feature. */
export function requestColumns(references: { delegate: Column; mandate: Column; organisation: Column }) {
  const { requestedById, requestedMandateId, requestedForId, expiresAt } = approvalColumns()
  return {
    requestedById: requestedById.notNull().references(references.delegate),
    requestedMandateId: requestedMandateId.notNull().references(references.mandate),
    requestedForId: requestedForId.notNull().references(references.organisation),
    expiresAt: expiresAt.notNull(),
  }
}
