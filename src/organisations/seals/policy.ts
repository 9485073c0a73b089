/** Who may see a seal, and in which role they can take part in lifting it. Pure. */
import { belongsTo, type Caller } from '../../platform/access.ts'
import { isWaiting } from '../approvals/policy.ts'
import type { Role } from '../lifecycle.ts'
import { outsideApproverRole } from '../policy.ts'

type SealState = { organisationId: string; organisationKind: string; expiresAt: string | null }

/** Its own people; outside approvers only once one of its own people has requested the lifting. */
export const mayRead = (caller: Caller, seal: SealState, now: string): boolean =>
  belongsTo(caller, seal.organisationId) || (isWaiting(seal, now) && roleOf(caller, seal) !== undefined)

/**
 * The caller's role: `representative` for its own people, who must also administer it; otherwise that of an outside
 * approver.
 */
export function roleOf(caller: Caller, { organisationId, organisationKind }: SealState): Role | undefined {
  if (belongsTo(caller, organisationId)) return 'representative'
  return outsideApproverRole(caller, { id: organisationId, kind: organisationKind })
}
