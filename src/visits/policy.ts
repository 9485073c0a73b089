/** Decides whether a caller may read or move a visit, and for which side. Pure functions of caller and row. */
import { belongsTo, isHiddenBySeal, mandateFor, type Caller } from '../platform/access.ts'
import { movesFrom } from '../platform/lifecycle/lifecycle.ts'
import { otherSide, sides, visitLifecycle, type Side, type VisitMove, type VisitStatus } from './lifecycle.ts'

type Parties = { hostId: string; visitorId: string }
type KnownVisit = Parties & {
  status: VisitStatus
  offeredBy: Side
  confirmedBy: readonly Side[]
  reportedBy: readonly Side[]
}

/** Only delegates with a current mandate in one of the two sides can read a visit. */
export const mayRead = (caller: Caller, visit: Parties): boolean =>
  sides.some((side) => belongsTo(caller, organisationAt(visit, side))) &&
  !isHiddenBySeal(caller, visit.hostId, visit.visitorId)

export const organisationAt = (visit: Parties, side: Side): string =>
  side === 'host' ? visit.hostId : visit.visitorId

/** Whether the visit will not take place. */
export const isCalledOff = (visit: { status: VisitStatus }): boolean =>
  visit.status === 'declined' || visit.status === 'cancelled'

/** Returns the sides for which the caller may act. */
export const sidesOf = (caller: Caller, visit: Parties): Side[] =>
  sides.filter((side) => mandateFor(caller, organisationAt(visit, side), 'visit') !== undefined)

/** Returns the sides that may make this move. */
export function sidesAllowedTo(visit: { offeredBy: Side }, move: VisitMove): readonly Side[] {
  if (move === 'accept' || move === 'decline') return [otherSide(visit.offeredBy)]
  if (move === 'retime') return []
  return move === 'start' ? ['host'] : sides
}

export function allowedMoves(caller: Caller, visit: KnownVisit): VisitMove[] {
  const held = sidesOf(caller, visit)
  return movesFrom(visitLifecycle, visit.status).filter((move) =>
    sidesAllowedTo(visit, move).some((side) => held.includes(side) && !hasActed(visit, move, side)),
  )
}

/** Each side confirms and reports once. */
function hasActed(visit: KnownVisit, move: VisitMove, side: Side): boolean {
  if (move === 'confirm') return visit.confirmedBy.includes(side)
  return move === 'report' && visit.reportedBy.includes(side)
}
