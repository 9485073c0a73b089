import { and, eq, inArray, isNull, ne, or, sql } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { mandates } from '../mandates/tables.ts'
import { openMandateStatuses } from '../policy.ts'
import { delegates } from '../tables.ts'
import { enrolmentLinks, tokens } from '../tokens/tables.ts'

/** The name of an erased person: signatures still refer to the row. */
export const nameOfErased = 'Erased person'

/** Which erased people have data again, because the database was restored. */
export const restoredDelegates = (db: Db, ids: string[]) =>
  db
    .select({ id: delegates.id })
    .from(delegates)
    .where(
      and(
        inArray(delegates.id, ids),
        or(
          isNull(delegates.erasedAt),
          ne(delegates.displayName, nameOfErased),
          sql`exists (select from ${tokens} where ${tokens.delegateId} = ${delegates.id})`,
          sql`exists (select from ${enrolmentLinks} where ${enrolmentLinks.delegateId} = ${delegates.id})`,
          sql`exists (select from ${mandates} where ${mandates.delegateId} = ${delegates.id}
            and ${inArray(mandates.status, [...openMandateStatuses])})`,
        ),
      ),
    )

/** Clears the evidence of mandates, which is free text and may identify the person. */
export const clearEvidence = (tx: Tx, delegateId: string) =>
  tx.update(mandates).set({ evidence: null }).where(eq(mandates.delegateId, delegateId))

/** Deletes whole rows, not only the secrets, because a label can identify a device. */
export async function deleteSecretsOf(tx: Tx, delegateId: string): Promise<void> {
  await tx.delete(enrolmentLinks).where(eq(enrolmentLinks.delegateId, delegateId))
  await tx.delete(tokens).where(eq(tokens.delegateId, delegateId))
}
