/** Who may read a recovery, and its status. Pure. */
import { coordinatorMandate, mandatesOf, type Caller } from '../../platform/access.ts'
import { isSelf } from '../policy.ts'

type RecoverySubject = { organisationId: string; delegateId: string }

/** Coordinators, the organisation's own people and the person, so that nobody is replaced in secret. */
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
