/** Holding, confirming and freeing the time of delegates. Called inside the transactions of visits and participants. */
import { transaction, type Act } from '../../platform/act.ts'
import type { Tx } from '../../platform/database.ts'
import { record } from '../../platform/ledger.ts'
import { lapseReady, participantsAmong, participantsUnbooked } from '../participants/queries.ts'
import { lockVisit } from '../queries.ts'
import {
  holdWhereFree,
  insertBookings,
  queueForDelegates,
  releaseStaleHolds,
  renewBooking,
  visitsWithStaleHolds,
  type Guest,
  type Occasion,
} from './queries.ts'
import type { LiveBookingStatus } from './tables.ts'

/** A visit as far as bookings go; without times there is nothing to hold yet. */
type Dated = { id: string; startsAt: string | null; endsAt: string | null }

const occasionOf = ({ id, startsAt, endsAt }: Dated): Occasion | undefined =>
  startsAt === null || endsAt === null ? undefined : { visitId: id, startsAt, endsAt }

/** Holds or confirms one participant's time; 409 `delegate_double_booked` when they are expected elsewhere. */
export async function book(tx: Tx, act: Act, visit: Dated, guest: Guest, status: LiveBookingStatus) {
  const occasion = occasionOf(visit)
  if (!occasion) return
  await queueForDelegates(tx, [guest.delegateId])
  if (await renewBooking(tx, act, guest.participantId, status)) return
  await insertBookings(tx, act, occasion, [guest], status)
}

/**
 * Holds the window that was just chosen for all who agreed before. Who is expected elsewhere then is left out: the
 * side that chooses cannot know it, and should not. Confirming finds it out.
 */
export async function holdAgreed(tx: Tx, act: Act, occasion: Occasion): Promise<void> {
  const guests = await participantsAmong(tx, occasion.visitId, ['agreed', 'visa_pending', 'ready'])
  if (guests.length === 0) return
  await queueForDelegates(tx, delegatesOf(guests))
  await holdWhereFree(tx, act, occasion, guests)
}

/** Holds the time of every ready participant who has no live booking (any more). */
export async function holdReady(tx: Tx, act: Act, visit: Dated): Promise<void> {
  const occasion = occasionOf(visit)
  const guests = await participantsUnbooked(tx, visit.id)
  if (!occasion || guests.length === 0) return
  await queueForDelegates(tx, delegatesOf(guests))
  await insertBookings(tx, act, occasion, guests, 'held')
}

/**
 * Called by a job: holds end after seven days without confirmation. Who was ready must be made ready again; who only
 * agreed, or waits for a visa, stays that and is held anew by the next step.
 */
export async function expireHolds(act: Act): Promise<void> {
  for (const { visitId } of await visitsWithStaleHolds(act.read, act.now)) {
    await transaction(act, async (tx) => {
      await lockVisit(tx, visitId)
      await expireHoldsOf(tx, act, visitId)
      return {}
    })
  }
}

async function expireHoldsOf(tx: Tx, act: Act, visitId: string): Promise<void> {
  const released = await releaseStaleHolds(tx, act.now, visitId)
  for (const { id, version, participantId } of released) {
    const details = { participantId, visitId }
    await record(tx, act, { type: 'booking.expired', subjectId: id, subjectVersion: version, details })
  }
  const freed = released.map((booking) => booking.participantId)
  for (const { id, version } of await lapseReady(tx, act.now, freed)) {
    await record(tx, act, {
      type: 'participant.moved',
      subjectId: id,
      subjectVersion: version,
      transition: { move: 'lapse', from: 'ready', to: 'agreed' },
    })
  }
}

const delegatesOf = (guests: readonly Guest[]): string[] => guests.map((guest) => guest.delegateId)
