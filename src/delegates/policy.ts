import { belongsTo, mandateFor, type Caller } from '../platform/access.ts'
import type { MandateStatus } from './mandates/lifecycle.ts'

/** Claimed or held: what ended is no longer the business of colleagues. */
export const openMandateStatuses: readonly MandateStatus[] = ['submitted', 'active']

export const isSelf = (caller: Caller, delegateId: string): boolean =>
  caller.kind === 'delegate' && caller.delegateId === delegateId

/**
 * Who sits where is for the organisation itself, and for the one who sits there. Who sat there once is for those who
 * answer for the organisation's mandates, so that a person who has left is not remembered by everybody.
 */
export const mayReadMandate = (
  caller: Caller,
  mandate: { delegateId: string; organisationId: string; status: MandateStatus },
): boolean =>
  isSelf(caller, mandate.delegateId) ||
  mandateFor(caller, mandate.organisationId, 'administer') !== undefined ||
  (belongsTo(caller, mandate.organisationId) && openMandateStatuses.includes(mandate.status))
