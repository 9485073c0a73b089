import { movesFrom, statesOf, type Lifecycle, type MoveOf } from '../../platform/lifecycle/lifecycle.ts'
import type { VisitStatus } from '../lifecycle.ts'

/**
 * Only the service makes two moves. `lapse`: a ready participant is no longer booked. `release`: the visit was called off, or
 * the mandate of a participant who has not arrived ended.
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

/** Who may make each move. Only the person can agree, and the person can always withdraw. */
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

/** The statuses of a visit in which participants are nominated and made ready. */
export const preparationStatuses: readonly VisitStatus[] = [
  'proposed',
  'accepted',
  'rescheduling',
  'confirmed',
]

/** The statuses of the visit in which each move of a participant is allowed. */
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
  // A participant who arrived can return, whatever happened to the visit.
  return: ['accepted', 'rescheduling', 'confirmed', 'in_progress', 'completed', 'reported', 'cancelled'],
  // An absence can be recorded afterwards.
  miss: ['in_progress', 'completed', 'reported'],
}

/** The statuses of participants who have not arrived and can be released. */
export const statusesBeforeArrival = statesOf(participantLifecycle).filter((status) =>
  movesFrom(participantLifecycle, status).includes('release'),
)

/** Participants in these statuses are booked as soon as the visit has dates. */
export const comingStatuses: readonly ParticipantStatus[] = ['agreed', 'visa_pending', 'ready']

/** Participants in these statuses do not take part. The RLS policies list the same. */
export const absentStatuses: readonly ParticipantStatus[] = ['withdrawn', 'refused', 'no_show']

/** A visit can be confirmed only if all participants are in one of these statuses. */
export const statusesReadyToConfirm: readonly ParticipantStatus[] = [
  'ready',
  'returned',
  'refused',
  'no_show',
  'withdrawn',
]
