/** Claims of unclaimed organisations. */
import { type ActionContext } from '../platform/actions/action-context.ts'
import { type Tx } from '../platform/database/database.ts'
import { updateVersion } from '../platform/ledger/versioned-update.ts'
import { presentOrganisation, requireOrganisation } from './actions.ts'
import { statusAfter, vouchByAfter } from './decisions.ts'
import { organisationNotFound } from './problems.ts'
import { lockOrganisation } from './queries.ts'
import { organisations } from './tables.ts'

/** Claims the organisation for the holder of its link, whose authority the caller has checked. */
export async function claimOrganisation(tx: Tx, context: ActionContext, id: string, byLinkOf: string) {
  const row = await lockOrganisation(tx, id)
  if (!row) throw organisationNotFound()
  const to = statusAfter(context, row, 'claim')
  const transition = { move: 'claim', from: row.status, to }
  const details = { byLinkOf }
  const entry = { type: 'organisation.moved', organisationId: id, transition, details } as const
  const change = { status: to, vouchBy: vouchByAfter(context, to), claimedAt: context.now }
  await updateVersion(tx, context, organisations, row, change, entry)
  return presentOrganisation(context, await requireOrganisation(tx, id))
}
