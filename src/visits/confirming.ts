/** Both sides confirm the chosen window; with the second word the visit, and the time of its participants, stands. */
import { transaction, type Act } from '../platform/act.ts'
import { stateAfter } from '../platform/lifecycle.ts'
import { changeVisit, holdSide, lockReadable } from './actions.ts'
import { holdReady } from './bookings/actions.ts'
import { confirmBookings } from './bookings/queries.ts'
import { sides, visitLifecycle } from './lifecycle.ts'
import { readiness } from './participants/queries.ts'
import { alreadyConfirmed, participantsNotReady, windowPassed, windowSuperseded } from './problems.ts'
import type { ConfirmVisit } from './schemas.ts'

export function confirmVisit(act: Act, id: string, { windowId, organisationId }: ConfirmVisit) {
  return transaction(act, async (tx) => {
    const visit = await lockReadable(tx, act, id)
    const acting = await holdSide(tx, act, visit, { move: 'confirm', organisationId })
    if (visit.confirmedBy.includes(acting.side)) throw alreadyConfirmed()
    const to = stateAfter(visitLifecycle, visit.status, 'confirm')
    if (visit.windowId !== windowId) throw windowSuperseded()
    if (visit.startsAt !== null && visit.startsAt <= act.now) throw windowPassed()
    const { ready, waiting } = await readiness(tx, id)
    if (ready === 0 || waiting > 0) throw participantsNotReady()
    await holdReady(tx, act, visit)

    const confirmedBy = [...visit.confirmedBy, acting.side]
    const type = 'visit.confirmation_given'
    const details = { side: acting.side, windowId }
    if (!sides.every((side) => confirmedBy.includes(side))) {
      return changeVisit(tx, act, visit, acting, { confirmedBy }, { type, details })
    }
    await confirmBookings(tx, act, id)
    const transition = { move: 'confirm', from: visit.status, to }
    return changeVisit(tx, act, visit, acting, { status: to, confirmedBy }, { type, details, transition })
  })
}
