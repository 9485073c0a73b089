/** Both sides confirm the chosen window. The second confirmation confirms the visit and its bookings. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import type { Fault } from '../platform/problems.ts'
import { updateVisit, requireSide, lockReadableVisit, statusAfter } from './actions.ts'
import { confirmBookings } from './bookings/booking-updates.ts'
import { sides, type Side } from './lifecycle.ts'
import { statusesReadyToConfirm } from './participants/lifecycle.ts'
import { participantStatesOfVisit, type ParticipantState } from './participants/queries.ts'
import { releaseWithoutMandate } from './participants/release.ts'
import { alreadyConfirmed, participantsNotReady, windowPassed, windowSuperseded } from './problems.ts'
import type { ConfirmVisit } from './schemas.ts'
import { requirePreconditions } from './preconditions.ts'

export function confirmVisit(context: ActionContext, id: string, { windowId, organisationId }: ConfirmVisit) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, id)
    const acting = await requireSide(tx, context, visit, { move: 'confirm', organisationId })
    if (visit.confirmedBy.includes(acting.side)) throw alreadyConfirmed()
    const to = statusAfter(context, visit, 'confirm')
    if (visit.windowId !== windowId) throw windowSuperseded()
    if (visit.startsAt !== null && visit.startsAt <= context.now) throw windowPassed()
    await requirePreconditions(tx, context, visit)
    await releaseWithoutMandate(tx, context, id)
    requireReadyParticipants(await participantStatesOfVisit(tx, id), acting.side)

    const confirmedBy = [...visit.confirmedBy, acting.side]
    const type = 'visit.confirmation_given'
    const details = { side: acting.side, windowId }
    if (!sides.every((side) => confirmedBy.includes(side))) {
      return updateVisit(tx, context, visit, acting, { confirmedBy }, { type, details })
    }
    await confirmBookings(tx, context, id)
    const transition = { move: 'confirm', from: visit.status, to }
    return updateVisit(tx, context, visit, acting, { status: to, confirmedBy }, { type, details, transition })
  })
}

/** Throws unless there is a participant and all are ready. Names those of the own side, and counts those of the other. */
function requireReadyParticipants(guests: readonly ParticipantState[], side: Side): void {
  const missing = guests.filter(
    (guest) => !statusesReadyToConfirm.includes(guest.status) || isUnbooked(guest),
  )
  if (missing.length === 0 && guests.some((guest) => guest.status === 'ready')) return
  const own = missing.filter((guest) => guest.side === side)
  const counts = `Not ready: ${own.length} of your side, ${missing.length - own.length} of the other side.`
  const detail = missing.length > 0 ? counts : 'No participant is ready yet.'
  throw participantsNotReady(`${detail} ${participantsNotReady.kind.advice}`, { errors: own.map(faultOf) })
}

const isUnbooked = (guest: ParticipantState): boolean => guest.status === 'ready' && !guest.isBooked

const faultOf = (guest: ParticipantState): Fault => ({
  code: isUnbooked(guest) ? 'not_booked' : guest.status,
  detail: `/v1/visit-participants/${guest.participantId} is not ready`,
})
