import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { organisationLifecycle } from '../lifecycle.ts'
import { clearedApprovals, organisations } from '../tables.ts'
import { lockOverdueRegistration, overdueRegistrations } from './queries.ts'

/**
 * Expires registrations that nobody verified in time, so that they do not occupy a name. They can be resubmitted.
 * Called by a job.
 */
export const registrationExpiry: Sweep = {
  due: overdueRegistrations,
  carryOut: async (tx, context, id) => {
    const row = await lockOverdueRegistration(tx, id, context.now)
    if (!row) return false
    const to = organisationLifecycle.provisional.lapse
    await updateVersion(
      tx,
      context,
      organisations,
      row,
      { status: to, vouchBy: null, ...clearedApprovals },
      {
        type: 'organisation.moved',
        organisationId: id,
        transition: { move: 'lapse', from: row.status, to },
      },
    )
    return true
  },
}
