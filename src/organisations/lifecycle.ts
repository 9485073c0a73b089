import type { Lifecycle } from '../platform/lifecycle.ts'

/** Registering oneself starts at `provisional`; a coordinator who writes to those not here yet makes `unclaimed`. */
export const organisationLifecycle = {
  unclaimed: { claim: 'provisional' },
  provisional: { verify: 'verified', reject: 'rejected' },
  rejected: { resubmit: 'provisional' },
  verified: { suspend: 'suspended', dissolve: 'dissolved', merge: 'merged' },
  suspended: { reinstate: 'verified' },
  dissolved: {},
  merged: {},
} as const satisfies Lifecycle

export type OrganisationStatus = keyof typeof organisationLifecycle
export type OrganisationMove =
  'claim' | 'verify' | 'reject' | 'resubmit' | 'suspend' | 'dissolve' | 'merge' | 'reinstate'

export const organisationKinds = [
  'union',
  'strike_committee',
  'works_council',
  'workplace_group',
  'support_group',
  'federation',
  'coordination',
] as const
export type OrganisationKind = (typeof organisationKinds)[number]

export const roles = ['coordinator', 'representative', 'operator'] as const
export type Role = (typeof roles)[number]

/** Who must agree to a move. Where two stand, they are two different persons. */
export const concurrence: Readonly<Record<Exclude<OrganisationMove, 'claim'>, readonly Role[]>> = {
  verify: ['coordinator'],
  reject: ['coordinator'],
  resubmit: ['representative'],
  suspend: ['coordinator', 'coordinator'],
  reinstate: ['coordinator', 'coordinator'],
  dissolve: ['representative', 'coordinator'],
  merge: ['representative', 'coordinator'],
}
