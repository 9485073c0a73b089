/** Who may see a disclosure, and its status. Pure: depends on the caller, the row and the instant. */
import { coordinatorMandate, type Caller } from '../../platform/access.ts'
import { isSelf } from '../policy.ts'

export type DisclosureStatus = 'requested' | 'granted' | 'lapsed' | 'ended'

type DisclosureState = {
  requestedById: string
  requestedMandateId: string
  grantedById: string | null
  grantedMandateId: string | null
  grantedAt: string | null
  expiresAt: string
  endedAt: string | null
}

/** The person concerned and all coordinators, so that every request for a name is visible to all of them. */
export const mayReadDisclosure = (caller: Caller, row: { delegateId: string }): boolean =>
  isSelf(caller, row.delegateId) || coordinatorMandate(caller) !== undefined

/** Only the two coordinators who requested and granted it. */
export const mayReadDisclosed = (
  person: string,
  row: Pick<DisclosureState, 'requestedById' | 'grantedById'>,
): boolean => person === row.requestedById || person === row.grantedById

/** The mandates with which the two approvals were given. */
export const underlyingMandateIds = (
  row: Pick<DisclosureState, 'requestedMandateId' | 'grantedMandateId'>,
): string[] => [row.requestedMandateId, row.grantedMandateId].filter((id) => id !== null)

/** The status of a disclosure. `live` are its mandates that are valid now: an approval does not outlast its mandate. */
export function statusOf(row: DisclosureState, now: string, live: readonly string[]): DisclosureStatus {
  if (row.endedAt !== null) return 'ended'
  if (row.expiresAt <= now) return row.grantedAt === null ? 'lapsed' : 'ended'
  if (!underlyingMandateIds(row).every((id) => live.includes(id))) return 'ended'
  return row.grantedAt === null ? 'requested' : 'granted'
}

/** Whether the row waits for the second approval. The mandate of the first must also be valid. */
export const isRequested = (row: DisclosureState, now: string): boolean =>
  statusOf(row, now, underlyingMandateIds(row)) === 'requested'
