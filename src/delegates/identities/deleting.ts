/** Removing an identity, which several actions do. */
import { eq } from 'drizzle-orm'
import type { Act } from '../../platform/act.ts'
import type { Tx } from '../../platform/database.ts'
import { record } from '../../platform/ledger.ts'
import type { IdentityRow } from './queries.ts'
import { identities } from './tables.ts'

export async function deleteIdentity(
  tx: Tx,
  act: Act,
  row: IdentityRow,
  organisationId: string,
): Promise<void> {
  await tx.delete(identities).where(eq(identities.id, row.id))
  const subjectVersion = row.version + 1
  await record(tx, act, { type: 'identity.removed', subjectId: row.id, subjectVersion, organisationId })
}
