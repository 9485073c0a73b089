/** Seals that one of their own people has asked to lift. */
import type { ApprovalSource } from '../approvals/listing.ts'
import { faultOfSecond } from '../approvals/policy.ts'
import { roleOf } from './policy.ts'
import { sealsToLift } from './queries.ts'

export const pendingLiftings: ApprovalSource = {
  reads: 'organisations:read',
  writes: 'organisations:write',
  list: async (tx, { caller, now }, page) => {
    const rows = await sealsToLift(tx, { now, caller, ...page })
    return rows.flatMap((seal) => {
      if (seal.expiresAt === null) return []
      const role = roleOf(caller, seal)
      const isEntitled = role === 'representative' ? seal.isAdministered : role !== undefined
      return {
        ...seal,
        expiresAt: seal.expiresAt,
        kind: 'seal_lifting' as const,
        // Its name is not shown before the seal is lifted.
        subject: { id: seal.id, name: null, url: seal.url },
        mayApprove: isEntitled && !seal.isRecoverer && faultOfSecond(seal, caller) === undefined,
        isSealAllowed: true,
        operation: { method: 'POST' as const, url: `${seal.url}/liftings`, body: null },
      }
    })
  },
}
