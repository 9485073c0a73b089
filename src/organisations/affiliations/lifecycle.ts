import type { Lifecycle } from '../../platform/lifecycle.ts'

/** Nobody becomes a member by saying so: the one that is joined confirms. Either side may end it. */
export const affiliationLifecycle = {
  requested: { confirm: 'confirmed', refuse: 'refused', end: 'ended' },
  confirmed: { end: 'ended' },
  refused: {},
  ended: {},
} as const satisfies Lifecycle

export type AffiliationStatus = keyof typeof affiliationLifecycle
export type AffiliationMove = 'confirm' | 'refuse' | 'end'
