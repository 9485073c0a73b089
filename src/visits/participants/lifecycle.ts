import type { Lifecycle, MoveOf } from '../../platform/lifecycle.ts'
import type { VisitStatus } from '../lifecycle.ts'

/** `lapse` happens by the clock, when the time that was held for the participant is not confirmed in time. */
export const participantLifecycle = {
  nominated: { agree: 'agreed', withdraw: 'withdrawn' },
  agreed: { await_visa: 'visa_pending', get_ready: 'ready', withdraw: 'withdrawn' },
  visa_pending: { get_ready: 'ready', refuse: 'refused', withdraw: 'withdrawn' },
  ready: { arrive: 'arrived', miss: 'no_show', withdraw: 'withdrawn', lapse: 'agreed' },
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
}

/** While a visit is prepared, its participants are found and made ready. */
export const preparing: readonly VisitStatus[] = ['proposed', 'accepted', 'rescheduling', 'confirmed']

/** What the visit's own status must be for a move of a participant. */
export const phases: Readonly<Record<ParticipantMove, readonly VisitStatus[]>> = {
  agree: preparing,
  await_visa: preparing,
  get_ready: preparing,
  refuse: preparing,
  lapse: preparing,
  withdraw: [...preparing, 'in_progress'],
  arrive: ['confirmed', 'in_progress'],
  // Who came, and who did not, may still be put on record afterwards.
  return: ['in_progress', 'completed', 'reported'],
  miss: ['in_progress', 'completed', 'reported'],
}
