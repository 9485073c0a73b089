/** Moves of an organisation's lifecycle that a request names. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import { requireVersion } from '../platform/ledger/versioned-update.ts'
import { type AskedMove } from '../platform/lifecycle/transitions.ts'
import { lockReadableOrganisation, presentOrganisation, requireOrganisation } from './actions.ts'
import { moveOrAwait, requireRole, statusAfter } from './decisions.ts'
import { type organisationLifecycle, type DecidedMove } from './lifecycle.ts'
import { requireDuplicatesAcknowledged } from './possible-duplicates/actions.ts'
import { namesOf } from './possible-duplicates/queries.ts'

export function moveOrganisation(context: ActionContext, asked: AskedMove<typeof organisationLifecycle>) {
  return transaction(context, async (tx) => {
    const row = await lockReadableOrganisation(tx, context, asked.id)
    // The routes accept no other moves.
    const move = asked.move as DecidedMove
    const acting = await requireRole(tx, context, row, move)
    requireVersion(row, asked.version)
    // A move that the status does not allow is refused first.
    statusAfter(context, row, move)
    if (move === 'verify')
      await requireDuplicatesAcknowledged(tx, context, { ...row, names: namesOf(row) }, asked.acknowledged)
    await moveOrAwait(tx, context, row, { move, reason: asked.reason }, acting)
    return presentOrganisation(context, await requireOrganisation(tx, row.id))
  })
}
