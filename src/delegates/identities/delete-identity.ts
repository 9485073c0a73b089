/** Deletion of an identity, which several actions share. */
import { eq } from 'drizzle-orm'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { record } from '../../platform/ledger/ledger.ts'
import type { IdentityRow } from './queries.ts'
import { identities } from './tables.ts'

export async function deleteIdentity(
  tx: Tx,
  context: ActionContext,
  row: IdentityRow,
  organisationId: string,
): Promise<void> {
  await tx.delete(identities).where(eq(identities.id, row.id))
  const subjectVersion = row.version + 1
  record(tx, context, { type: 'identity.removed', subjectId: row.id, subjectVersion, organisationId })
}
