import { revise } from '../../platform/revising.ts'
import type { Sweep } from '../../platform/sweep.ts'
import { organisationLifecycle } from '../lifecycle.ts'
import { nothingWaits, organisations } from '../tables.ts'
import { lockOrganisationToLapse, organisationsToLapse } from './queries.ts'

/** Called by a job: whom nobody has vouched for in time does not keep the place of somebody else. They may come again. */
export const lapsingOrganisations: Sweep = {
  due: organisationsToLapse,
  carryOut: async (tx, act, id) => {
    const row = await lockOrganisationToLapse(tx, id, act.now)
    if (!row) return false
    const to = organisationLifecycle.provisional.lapse
    await revise(
      tx,
      act,
      organisations,
      row,
      { status: to, vouchBy: null, ...nothingWaits },
      {
        type: 'organisation.moved',
        organisationId: id,
        transition: { move: 'lapse', from: row.status, to },
      },
    )
    return true
  },
}
