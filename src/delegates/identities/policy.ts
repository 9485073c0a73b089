/** The one place that says who may read or write somebody's identity. Pure: the caller decides. */
import type { Caller } from '../../platform/access.ts'
import { isSelf } from '../policy.ts'

/** By what right the caller comes to this identity; none, unless it is their own. */
export const accessIdentity = (caller: Caller, delegateId: string): 'own' | undefined =>
  isSelf(caller, delegateId) ? 'own' : undefined
