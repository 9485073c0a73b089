import type { Power } from '../../platform/access.ts'
import type { Lifecycle, MoveOf } from '../../platform/lifecycle/lifecycle.ts'

/** A mandate from an administrator is active at once; a claim waits as `submitted`. */
export const mandateLifecycle = {
  submitted: { activate: 'active', refuse: 'refused' },
  active: { recall: 'recalled', expire: 'expired' },
  refused: {},
  recalled: {},
  expired: {},
} as const satisfies Lifecycle

export type MandateStatus = keyof typeof mandateLifecycle
export type MandateMove = MoveOf<typeof mandateLifecycle>

export const offices = ['chair', 'secretary', 'delegate', 'coordinator', 'treasurer', 'observer'] as const
export type Office = (typeof offices)[number]

/** The default powers of each office. */
export const powersOfOffice: Readonly<Record<Office, readonly Power[]>> = {
  chair: ['administer', 'negotiate', 'sign', 'visit'],
  secretary: ['administer', 'negotiate', 'sign', 'visit'],
  delegate: ['visit'],
  coordinator: ['negotiate', 'sign', 'visit', 'vouch'],
  treasurer: [],
  observer: [],
}
