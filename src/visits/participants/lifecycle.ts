import { movesFrom, statesOf, type Lifecycle, type MoveOf } from '../../platform/lifecycle/lifecycle.ts'
import type { VisitStatus } from '../lifecycle.ts'

/**
 * Two moves are nobody's word. Who is ready falls back (`lapse`) when their time is not held (any more). Whoever has
 * not arrived is let go (`release`) when the visit is called off, or when the mandate ends by which they were nominated.
 */
export const participantLifecycle = {
  nominated: { agree: 'agreed', withdraw: 'withdrawn', release: 'withdrawn' },
  agreed: { await_visa: 'visa_pending', get_ready: 'ready', withdraw: 'withdrawn', release: 'withdrawn' },
  visa_pending: { get_ready: 'ready', refuse: 'refused', withdraw: 'withdrawn', release: 'withdrawn' },
  ready: { arrive: 'arrived', miss: 'no_show', withdraw: 'withdrawn', lapse: 'agreed', release: 'withdrawn' },
  arrived: { return: 'returned' },
  returned: {},
  refused: {},
  no_show: {},
  withdrawn: {},
} as const satisfies Lifecycle

export type ParticipantStatus = keyof typeof participantLifecycle
export type ParticipantMove = MoveOf<typeof participantLifecycle>

/** The person; the organisation that nominated them; the host. */
export type Mover = 'self' | 'own' | 'host'

/** Nobody agrees on another's behalf, and nobody is kept from withdrawing. */
export const movers: Readonly<Record<ParticipantMove, readonly Mover[]>> = {
  agree: ['self'],
  await_visa: ['own'],
  get_ready: ['own'],
  refuse: ['own', 'host'],
  arrive: ['own', 'host'],
  return: ['own', 'host'],
  miss: ['own', 'host'],
  withdraw: ['self', 'own'],
  lapse: [],
  release: [],
}

/** While a visit is prepared, its participants are found and made ready. */
export const preparationStatuses: readonly VisitStatus[] = [
  'proposed',
  'accepted',
  'rescheduling',
  'confirmed',
]

/** What the visit's own status must be for a move of a participant. */
export const visitStatusesOfMove: Readonly<Record<ParticipantMove, readonly VisitStatus[]>> = {
  agree: preparationStatuses,
  await_visa: preparationStatuses,
  get_ready: preparationStatuses,
  refuse: preparationStatuses,
  lapse: preparationStatuses,
  release: [...preparationStatuses, 'declined', 'cancelled'],
  withdraw: [...preparationStatuses, 'in_progress'],
  // Some come the day before.
  arrive: ['confirmed', 'in_progress'],
  // Who has come goes home, whatever became of the visit meanwhile.
  return: ['accepted', 'rescheduling', 'confirmed', 'in_progress', 'completed', 'reported', 'cancelled'],
  // Who did not may still be put on record afterwards.
  miss: ['in_progress', 'completed', 'reported'],
}

/** In these, a participant has not arrived yet, and may still drop out. */
export const statusesBeforeArrival = statesOf(participantLifecycle).filter((status) =>
  movesFrom(participantLifecycle, status).includes('release'),
)

/** Whose time is held as soon as the visit has dates. */
export const comingStatuses: readonly ParticipantStatus[] = ['agreed', 'visa_pending', 'ready']

/** Who takes no part (any more). The policies of rows that speak of taking part name the same. */
export const absentStatuses: readonly ParticipantStatus[] = ['withdrawn', 'refused', 'no_show']

/** A visit is not confirmed while anyone who takes part in it is none of these. */
export const statusesReadyToConfirm: readonly ParticipantStatus[] = [
  'ready',
  'returned',
  'refused',
  'no_show',
  'withdrawn',
]
