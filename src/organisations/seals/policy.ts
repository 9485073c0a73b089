/** Who may know of a seal, and in which role somebody may have a part in lifting it. Pure. */
import { belongsTo, type Caller } from '../../platform/access.ts'
import { isWaiting } from '../approvals/policy.ts'
import type { Role } from '../lifecycle.ts'
import { vouchingRoleOf } from '../policy.ts'

type KnownSeal = { organisationId: string; organisationKind: string; expiresAt: string | null }

/** Its own people know of it; those who may agree to lift it, once one of its own has asked. */
export const mayRead = (caller: Caller, seal: KnownSeal, now: string): boolean =>
  belongsTo(caller, seal.organisationId) || (isWaiting(seal, now) && roleOf(caller, seal) !== undefined)

/** Of its own people `representative`, who must also administer it; of the others whoever may agree. */
export function roleOf(caller: Caller, { organisationId, organisationKind }: KnownSeal): Role | undefined {
  if (belongsTo(caller, organisationId)) return 'representative'
  return vouchingRoleOf(caller, { id: organisationId, kind: organisationKind })
}
