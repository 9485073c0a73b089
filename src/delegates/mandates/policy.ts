/** Who may move a mandate. Who may read it is in the policy of the feature, which delegates need too. */
import { mandateFor, type Caller } from '../../platform/access.ts'
import { movesFrom } from '../../platform/lifecycle/lifecycle.ts'
import { isSelf } from '../policy.ts'
import { mandateLifecycle, type MandateMove, type MandateStatus } from './lifecycle.ts'

type MandateParties = { organisationId: string; delegateId: string }

/** Administrators decide, and a delegate can always resign their own mandate. Only the clock expires it. */
function mayMove(caller: Caller, mandate: MandateParties, move: MandateMove): boolean {
  if (move === 'expire') return false
  if (move === 'recall' && isSelf(caller, mandate.delegateId)) return true
  return mandateFor(caller, mandate.organisationId, 'administer') !== undefined
}

export const allowedMoves = (
  caller: Caller,
  mandate: MandateParties & { status: MandateStatus },
): MandateMove[] =>
  movesFrom(mandateLifecycle, mandate.status).filter((move) => mayMove(caller, mandate, move))
