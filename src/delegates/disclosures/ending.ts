/** Disclosures that end before their time. */
import type { Act } from '../../platform/act.ts'
import { beyond, type Tx } from '../../platform/database.ts'
import { revise } from '../../platform/revising.ts'
import { organisationIdOf } from '../queries.ts'
import { lockOpenDisclosuresBy, type DisclosureRow } from './queries.ts'
import { disclosures } from './tables.ts'

type Ended = Pick<DisclosureRow, 'id' | 'version' | 'delegateId'>

export async function endDisclosure(
  tx: Tx,
  act: Act,
  row: Ended,
  by: { person: string; mandateId?: string | null },
): Promise<void> {
  const organisationId = await organisationIdOf(beyond(tx), row.delegateId)
  const told = { type: 'disclosure.ended', organisationId, mandateId: by.mandateId } as const
  const change = { endedAt: act.now, endedById: by.person }
  await revise(tx, act, disclosures, row, change, { ...told, details: { delegateId: row.delegateId } })
}

/** Whoever lost the factor gave their word with it; past the caller, who need be no coordinator any more. */
export async function endDisclosuresBy(tx: Tx, act: Act, person: string): Promise<void> {
  const service = beyond(tx)
  for (const row of await lockOpenDisclosuresBy(service, person, act.now)) {
    await endDisclosure(service, act, row, { person })
  }
}
