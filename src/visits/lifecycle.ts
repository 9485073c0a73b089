import type { Lifecycle, MoveOf } from '../platform/lifecycle/lifecycle.ts'

/**
 * `accept`, `reschedule`, `confirm` and `report` happen by records: the choice of a window, new windows, the second
 * confirmation, the second report. `start` and `complete` also happen by the clock. `retime` is nobody's word: the rules of the
 * zone have changed, and with them the instants of the agreed local times.
 */
export const visitLifecycle = {
  proposed: { accept: 'accepted', decline: 'declined', cancel: 'cancelled', retime: 'proposed' },
  accepted: { confirm: 'confirmed', reschedule: 'rescheduling', cancel: 'cancelled', retime: 'accepted' },
  confirmed: { start: 'in_progress', reschedule: 'rescheduling', cancel: 'cancelled', retime: 'confirmed' },
  rescheduling: { accept: 'accepted', cancel: 'cancelled', retime: 'rescheduling' },
  in_progress: { complete: 'completed', retime: 'in_progress' },
  completed: { report: 'reported' },
  reported: {},
  declined: {},
  cancelled: {},
} as const satisfies Lifecycle

export type VisitStatus = keyof typeof visitLifecycle
export type VisitMove = MoveOf<typeof visitLifecycle>

/** Not over yet: what was agreed is still to come, or under way. */
export const retimableStatuses = [
  'proposed',
  'accepted',
  'confirmed',
  'rescheduling',
  'in_progress',
] as const satisfies VisitStatus[]

export const visitModes = ['in_person', 'online', 'third_country'] as const

/** A visit has two sides: the organisation that is visited, and the one whose delegates come. */
export const sides = ['host', 'visitor'] as const
export type Side = (typeof sides)[number]

export const otherSide = (side: Side): Side => (side === 'host' ? 'visitor' : 'host')
