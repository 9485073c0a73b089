/** Recoveries that wait for a coordinator of another coordination. */
import { coordinatorMandate } from '../../platform/access.ts'
import type { ApprovalSource } from '../../organisations/approvals/listing.ts'
import { faultOfSecond } from '../../organisations/approvals/policy.ts'
import { requestedRecoveries } from './queries.ts'

export const pendingRecoveries: ApprovalSource = {
  reads: 'delegates:read',
  writes: 'delegates:write',
  list: async (tx, { caller, now }, page) => {
    const rows = await requestedRecoveries(tx, { now, caller, ...page })
    return rows.map((row) => {
      const mandate = coordinatorMandate(caller, row.requestedForId)
      const independence = { subjectId: row.delegateId, organisationId: mandate?.organisationId }
      return {
        ...row,
        kind: 'recovery' as const,
        subject: { id: row.id, name: null, url: row.url },
        mayApprove: mandate !== undefined && faultOfSecond(row, caller, independence) === undefined,
        operation: { method: 'POST' as const, url: `${row.url}/grants`, body: null },
      }
    })
  },
}
