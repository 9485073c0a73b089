import type { Lifecycle } from '../../platform/lifecycle/lifecycle.ts'

/** A proposal is never edited. It only stops being open. */
export const proposalLifecycle = {
  open: {
    supersede: 'superseded',
    accept: 'accepted',
    decline: 'declined',
    withdraw: 'withdrawn',
    expire: 'expired',
  },
  superseded: {},
  accepted: {},
  declined: {},
  withdrawn: {},
  expired: {},
} as const satisfies Lifecycle

export type ProposalStatus = keyof typeof proposalLifecycle
export type ProposalMove = keyof (typeof proposalLifecycle)['open']

export const commitmentKinds = [
  'publicise',
  'mutual_visit',
  'information',
  'protest_action',
  'material_aid',
  'legal_aid',
  'hosting',
  'refuse_struck_work',
  'meeting',
  'other',
] as const
