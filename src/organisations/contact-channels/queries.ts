import { eq } from 'drizzle-orm'
import type { Db, Tx } from '../../platform/database/database.ts'
import { contactChannels } from './tables.ts'

export async function contactChannelsOf(db: Db, organisationId: string) {
  const [row] = await db
    .select()
    .from(contactChannels)
    .where(eq(contactChannels.organisationId, organisationId))
  return row
}

/** Locks the contact channels. Two concurrent first writes wait for each other at the organisation. */
export async function lockContactChannels(tx: Tx, organisationId: string) {
  const [row] = await tx
    .select()
    .from(contactChannels)
    .where(eq(contactChannels.organisationId, organisationId))
    .for('update')
  return row
}
