/** Who may know of a recovery, and what has become of it. Pure. */
import { coordinatorMandate, mandatesOf, type Caller } from '../../platform/access.ts'
import { isSelf } from '../policy.ts'

type RecoverySubject = { organisationId: string; delegateId: string }

/** Coordinators; and, so that nobody is replaced behind their backs, the organisation's own people and the person. */
export const mayRead = (caller: Caller, { organisationId, delegateId }: RecoverySubject): boolean =>
  coordinatorMandate(caller) !== undefined ||
  isSelf(caller, delegateId) ||
  mandatesOf(caller).some((mandate) => mandate.organisationId === organisationId)

type RecoveryState = { grantedAt: string | null; expiresAt: string; endedAt: string | null }

export type RecoveryStatus = 'requested' | 'lapsed' | 'granted' | 'ended'

export function statusOf({ grantedAt, expiresAt, endedAt }: RecoveryState, now: string): RecoveryStatus {
  if (endedAt !== null) return 'ended'
  if (grantedAt === null) return expiresAt > now ? 'requested' : 'lapsed'
  return expiresAt > now ? 'granted' : 'ended'
}
