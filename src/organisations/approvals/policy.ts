/** Whether a first approval waits, and who may give the second. Pure. */
import type { Caller } from '../../platform/access.ts'
import type { FirstApproval } from './lifecycle.ts'

/** Whether it waits by the clock. Whether its mandate is live is asked by `lockFirstApproval`. */
export const isWaiting = ({ expiresAt }: { expiresAt: string | null }, now: string): boolean =>
  expiresAt !== null && expiresAt > now

/** Whether a mandate of a first approval is live. `mandate` is missing when it has ended. */
export const isLive = (
  mandate: { sealed: boolean } | undefined,
  { isSealAllowed = false }: { isSealAllowed?: boolean } = {},
): boolean => mandate !== undefined && (isSealAllowed || !mandate.sealed)

export type Independence = {
  /** The person concerned by the request, who cannot approve it. */
  subjectId?: string
  /** The organisation for which the caller approves, if the two must act for different ones. */
  organisationId?: string | undefined
}

export type SecondFault = 'not_a_person' | 'same_person' | 'same_organisation'

/**
 * Returns what keeps the caller from giving the second approval. Two mandates of one organisation count as one, because
 * its administrators can appoint as many people as they like.
 */
export function faultOfSecond(
  first: Pick<FirstApproval, 'requestedById' | 'requestedForId'>,
  caller: Caller,
  { subjectId, organisationId }: Independence = {},
): SecondFault | undefined {
  if (caller.kind !== 'delegate' && caller.kind !== 'operator') return 'not_a_person'
  const person = caller.kind === 'delegate' ? caller.delegateId : null
  if (person === first.requestedById || person === subjectId) return 'same_person'
  return organisationId !== undefined && organisationId === first.requestedForId
    ? 'same_organisation'
    : undefined
}
