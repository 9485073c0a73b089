/** Who may read or write an identity. Pure: depends on the caller. */
import type { Caller } from '../../platform/access.ts'
import { isSelf } from '../policy.ts'

/** The caller's right to this identity: only their own. */
export const accessIdentity = (caller: Caller, delegateId: string): 'own' | undefined =>
  isSelf(caller, delegateId) ? 'own' : undefined
