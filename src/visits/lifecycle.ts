import type { Lifecycle, MoveOf } from '../platform/lifecycle/lifecycle.ts'

/**
 * Records make `accept`, `reschedule`, `confirm` (the second confirmation) and `report` (the second report). Jobs also make
 * `start` and `complete`. Only a job makes `retime`, when changed zone rules change the instants of the agreed local times.
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

/** Visits that are not over, and follow changes of zone rules. */
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
