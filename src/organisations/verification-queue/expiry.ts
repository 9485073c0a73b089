import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { organisationLifecycle } from '../lifecycle.ts'
import { clearedApprovals, organisations } from '../tables.ts'
import { lockOverdueRegistration, overdueRegistrations } from './queries.ts'

/** Called by a job: whom nobody has vouched for in time does not keep the place of somebody else. They may come again. */
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
