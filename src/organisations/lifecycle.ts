import type { Lifecycle } from '../platform/lifecycle/lifecycle.ts'
import type { FirstApproval } from './approvals/lifecycle.ts'

/** A registration starts as `provisional`; an organisation that a coordinator creates starts as `unclaimed`. */
export const organisationLifecycle = {
  unclaimed: { claim: 'provisional' },
  provisional: { verify: 'verified', reject: 'rejected', lapse: 'rejected' },
  rejected: { resubmit: 'provisional' },
  verified: { suspend: 'suspended', dissolve: 'dissolved', merge: 'merged' },
  suspended: { reinstate: 'verified' },
  dissolved: {},
  merged: {},
} as const satisfies Lifecycle

export type OrganisationStatus = keyof typeof organisationLifecycle
export type OrganisationMove =
  'claim' | 'verify' | 'reject' | 'lapse' | 'resubmit' | 'suspend' | 'dissolve' | 'merge' | 'reinstate'
/** The moves that a person decides; a link claims, and the clock expires an unverified registration. */
export type DecidedMove = Exclude<OrganisationMove, 'claim' | 'lapse'>
export const isDecided = (move: OrganisationMove): move is DecidedMove => move !== 'claim' && move !== 'lapse'

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

/** The roles that together can make a move: one person, or two different persons. */
export type ApprovalRule = readonly Role[]

/**
 * Two coordinators must be of two coordinations, because the administrators of one can appoint as many as they like.
 * The operator may replace one of them, as the first coordination needs.
 */
const byTwo: readonly ApprovalRule[] = [
  ['coordinator', 'coordinator'],
  ['coordinator', 'operator'],
]

/** The combinations of roles that can approve each move. */
export const approvalRules: Readonly<Record<DecidedMove, readonly ApprovalRule[]>> = {
  verify: [['coordinator']],
  reject: [['coordinator']],
  resubmit: [['representative']],
  suspend: byTwo,
  reinstate: byTwo,
  dissolve: [['representative', 'coordinator']],
  merge: [['representative', 'coordinator']],
}

/**
 * The rules for coordinations. One coordination alone cannot verify another, because it could then act as both of two.
 * For the first one there is only the operator.
 */
export const approvalRulesForCoordinations: typeof approvalRules = {
  ...approvalRules,
  verify: [['operator'], ['coordinator', 'coordinator']],
  reject: [['operator'], ['coordinator']],
}

/** A move that one person has requested and that waits for another's approval. */
export type PendingMove = FirstApproval & {
  move: DecidedMove
  role: Role
  intoId?: string | undefined
  /** The approval of the organisation into which this one is to be merged. */
  receiver?: FirstApproval | undefined
}
