/** Who may move an affiliation. Who may read it is part of the queries, because lists cannot check row by row. */
import { mandateFor, type Caller, type LiveMandate } from '../../platform/access.ts'
import { movesFrom } from '../../platform/lifecycle/lifecycle.ts'
import { affiliationLifecycle, type AffiliationMove, type AffiliationStatus } from './lifecycle.ts'

type AffiliationSides = { memberId: string; parentId: string }

/** The mandate with which the caller may make this move: the parent decides, and either side may end it. */
export function mandateToMove(
  caller: Caller,
  sides: AffiliationSides,
  move: AffiliationMove,
): LiveMandate | undefined {
  const ofParent = mandateFor(caller, sides.parentId, 'administer')
  return move === 'end' ? (ofParent ?? mandateFor(caller, sides.memberId, 'administer')) : ofParent
}

export function allowedMoves(
  caller: Caller,
  row: AffiliationSides & { status: AffiliationStatus },
): AffiliationMove[] {
  return movesFrom(affiliationLifecycle, row.status).filter((move) => mandateToMove(caller, row, move))
}
