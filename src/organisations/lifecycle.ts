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

/** The roles that together make a move: alone, or two different persons. */
export type ApprovalRule = readonly Role[]

/**
 * Two coordinators are of two different coordinations: whoever administers one makes as many coordinators of it as they
 * like. The operator, whom the first coordination needs, may stand in for one of them.
 */
const byTwo: readonly ApprovalRule[] = [
  ['coordinator', 'coordinator'],
  ['coordinator', 'operator'],
]

/** For each move, the ways to agree to it. */
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
 * A coordination vouches for others, so one alone does not vouch for it: it could make itself the second one of two.
 * The first has no other that could.
 */
export const approvalRulesForCoordinations: typeof approvalRules = {
  ...approvalRules,
  verify: [['operator'], ['coordinator', 'coordinator']],
  reject: [['operator'], ['coordinator']],
}

/** A move that one person has asked for and that waits for the approval of another. */
export type PendingMove = FirstApproval & {
  move: DecidedMove
  role: Role
  intoId?: string | undefined
  /** The approval of the organisation into which this one is to be merged. */
  receiver?: FirstApproval | undefined
}
