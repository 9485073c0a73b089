/** Revocation of disclosures before they expire. */
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import { organisationIdOf } from '../queries.ts'
import { lockOpenDisclosuresBy, type DisclosureRow } from './queries.ts'
import { disclosures } from './tables.ts'

type RevokedDisclosure = Pick<DisclosureRow, 'id' | 'version' | 'delegateId'>

export async function revokeDisclosure(
  tx: Tx,
  context: ActionContext,
  row: RevokedDisclosure,
  by: { person: string; mandateId?: string | null },
): Promise<void> {
  const organisationId = await organisationIdOf(bypassRls(tx), row.delegateId)
  const entry = { type: 'disclosure.ended', organisationId, mandateId: by.mandateId } as const
  const change = { endedAt: context.now, endedById: by.person }
  await updateVersion(tx, context, disclosures, row, change, {
    ...entry,
    details: { delegateId: row.delegateId },
  })
}

/**
 * Revokes the disclosures that a person requested or granted with a lost factor. Bypasses RLS: they may no longer be a
 * coordinator.
 */
export async function revokeDisclosuresBy(tx: Tx, context: ActionContext, person: string): Promise<void> {
  const service = bypassRls(tx)
  for (const row of await lockOpenDisclosuresBy(service, person, context.now)) {
    await revokeDisclosure(service, context, row, { person })
  }
}
