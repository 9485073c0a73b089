/** What waits for a second person in an organisation: moves, mergers among them, and names. */
import { isHiddenBySeal } from '../../platform/access.ts'
import type { ApprovalSource } from '../approvals/listing.ts'
import type { ApprovalBody } from '../approvals/schemas.ts'
import { mayApproveMove, mayApproveName } from '../policy.ts'
import { organisationsWithPendingMove, organisationsWithPendingName } from './queries.ts'

const scopes = { reads: 'organisations:read', writes: 'organisations:write' } as const

export const pendingMoves: ApprovalSource = {
  ...scopes,
  list: async (tx, { caller, now }, page) => {
    const rows = await organisationsWithPendingMove(tx, { now, caller, ...page })
    return rows.flatMap(({ pending, ...row }) => {
      if (!pending) return []
      const { move, intoId, receiver } = pending
      const url = `/v1/organisations/${row.id}`
      // Nothing leads to an organisation that has sealed itself.
      const isReachable = intoId === undefined || !isHiddenBySeal(caller, intoId)
      return {
        ...pending,
        id: row.id,
        subject: { id: row.id, name: row.name, url },
        mayApprove: isReachable && mayApproveMove(caller, row, pending),
        furtherMandateId: receiver?.requestedMandateId ?? null,
        ...(intoId === undefined
          ? { kind: 'transition' as const, operation: post(`${url}/transitions`, { move }) }
          : { kind: 'merger' as const, operation: post(`${url}/mergers`, isReachable ? { intoId } : null) }),
      }
    })
  },
}

export const pendingNames: ApprovalSource = {
  ...scopes,
  list: async (tx, { caller, now }, page) => {
    const rows = await organisationsWithPendingName(tx, { now, caller, ...page })
    return rows.flatMap(({ renaming, ...row }) => {
      if (!renaming) return []
      const url = `/v1/organisations/${row.id}`
      const { name, country } = renaming
      return {
        ...renaming,
        id: row.id,
        kind: 'renaming' as const,
        subject: { id: row.id, name: row.name, url },
        mayApprove: mayApproveName(caller, row, renaming),
        operation: post(`${url}/renamings`, { name, country }),
      }
    })
  },
}

const post = (url: string, body: ApprovalBody | null) => ({ method: 'POST' as const, url, body })
