import { belongsTo, mandateFor, type Caller } from '../platform/access.ts'
import type { MandateStatus } from './mandates/lifecycle.ts'

/** The statuses that colleagues may see: claimed or active, not ended. */
export const openMandateStatuses: readonly MandateStatus[] = ['submitted', 'active']

export const isSelf = (caller: Caller, delegateId: string): boolean =>
  caller.kind === 'delegate' && caller.delegateId === delegateId

/**
 * Whether the caller may read the mandate: its holder, administrators, and colleagues while it is open. Colleagues no
 * longer see the mandates of a person who has left.
 */
export const mayReadMandate = (
  caller: Caller,
  mandate: { delegateId: string; organisationId: string; status: MandateStatus },
): boolean =>
  isSelf(caller, mandate.delegateId) ||
  mandateFor(caller, mandate.organisationId, 'administer') !== undefined ||
  (belongsTo(caller, mandate.organisationId) && openMandateStatuses.includes(mandate.status))
