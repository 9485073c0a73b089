/** Accepting a visit: the side that did not offer the windows chooses one of them. */
import { transaction, type ActionContext } from '../platform/actions/action-context.ts'
import { present } from '../platform/database/rows.ts'
import { requireVersion, type Precondition } from '../platform/ledger/versioned-update.ts'
import { invalidBecause } from '../platform/problems.ts'
import { lockReadableVisit, moveEntry, requireSide, statusAfter, updateVisit } from './actions.ts'
import { holdForParticipants } from './bookings/actions.ts'
import type { Side } from './lifecycle.ts'
import type { ParticipantState } from './participants/queries.ts'
import { requirePreconditions } from './preconditions.ts'
import { windowPassed } from './problems.ts'
import { spanOf } from './windows.ts'

/** The other side chooses one of the offered windows. Books participants who agreed to come, and lists those it could not book. */
export function acceptVisit(
  context: ActionContext,
  id: string,
  chosen: { windowId: string; version: Precondition },
) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, id)
    const acting = await requireSide(tx, context, visit, { move: 'accept' })
    requireVersion(visit, chosen.version)
    const to = statusAfter(context, visit, 'accept')
    const window = visit.windows.find((offered) => offered.id === chosen.windowId)
    if (!window) throw unknownWindow()
    const { startsAt, endsAt } = window
    if (startsAt <= context.now) throw windowPassed()
    await requirePreconditions(tx, context, visit)
    const times = { windowId: window.id, startsAt, endsAt, ...spanOf([window]) }
    const accepted = await updateVisit(
      tx,
      context,
      visit,
      acting,
      { status: to, ...times },
      moveEntry(visit, 'accept', to),
    )
    const busy = await holdForParticipants(tx, context, { visitId: id, startsAt, endsAt })
    return present(accepted, { expectedElsewhere: bookedElsewhere(busy, acting.side) })
  })
}

/** Names participants of the caller's side, so that they can be replaced. Of the other side, it only gives their number. */
const bookedElsewhere = (busy: readonly ParticipantState[], side: Side) => ({
  ofYours: busy
    .filter((guest) => guest.side === side)
    .map(({ participantId, name }) => ({
      id: participantId,
      name,
      url: `/v1/visit-participants/${participantId}`,
    })),
  ofTheOthers: busy.filter((guest) => guest.side !== side).length,
})

const unknownWindow = () =>
  invalidBecause({
    pointer: '/windowId',
    code: 'unknown_window',
    detail: 'is not one of the current windows of the visit',
  })
