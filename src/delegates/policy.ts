import { belongsTo, mandateFor, type Caller } from '../platform/access.ts'

/** A person speaks for themselves; the secretary who made them known may mend their entry. */
export const mayChangeDelegate = (
  caller: Caller,
  delegate: { id: string; organisationId: string },
): boolean =>
  isSelf(caller, delegate.id) || mandateFor(caller, delegate.organisationId, 'administer') !== undefined

export const isSelf = (caller: Caller, delegateId: string): boolean =>
  caller.kind === 'delegate' && caller.delegateId === delegateId

/** Who sits where is for the organisation itself, and for the one who sits there. */
export const mayReadMandate = (
  caller: Caller,
  mandate: { delegateId: string; organisationId: string },
): boolean => isSelf(caller, mandate.delegateId) || belongsTo(caller, mandate.organisationId)
