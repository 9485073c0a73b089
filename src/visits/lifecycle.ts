import type { Lifecycle, MoveOf } from '../platform/lifecycle.ts'

/**
 * `accept`, `reschedule`, `confirm` and `report` happen by records: the choice of a window, new windows, the second
 * confirmation, the second report. `start` and `complete` also happen by the clock.
 */
export const visitLifecycle = {
  proposed: { accept: 'accepted', decline: 'declined', cancel: 'cancelled' },
  accepted: { confirm: 'confirmed', reschedule: 'rescheduling', cancel: 'cancelled' },
  confirmed: { start: 'in_progress', reschedule: 'rescheduling', cancel: 'cancelled' },
  rescheduling: { accept: 'accepted', cancel: 'cancelled' },
  in_progress: { complete: 'completed' },
  completed: { report: 'reported' },
  reported: {},
  declined: {},
  cancelled: {},
} as const satisfies Lifecycle

export type VisitStatus = keyof typeof visitLifecycle
export type VisitMove = MoveOf<typeof visitLifecycle>

export const visitModes = ['in_person', 'online', 'third_country'] as const

/** A visit has two sides: the organisation that is visited, and the one whose delegates come. */
export const sides = ['host', 'visitor'] as const
export type Side = (typeof sides)[number]

export const otherSide = (side: Side): Side => (side === 'host' ? 'visitor' : 'host')
