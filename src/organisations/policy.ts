/** Who may read or move an organisation. Pure: depends on the row and the caller. */
import {
  belongsTo,
  coordinatorMandate,
  isInNetwork,
  mandateFor,
  organisationsOf,
  type Caller,
  type LiveMandate,
} from '../platform/access.ts'
import { movesFrom } from '../platform/lifecycle/lifecycle.ts'
import type { FirstApproval } from './approvals/lifecycle.ts'
import { faultOfSecond } from './approvals/policy.ts'
import {
  approvalRules,
  approvalRulesForCoordinations,
  isDecided,
  organisationLifecycle,
  type ApprovalRule,
  type DecidedMove,
  type OrganisationMove,
  type PendingMove,
  type OrganisationStatus,
  type Role,
} from './lifecycle.ts'

type OrganisationState = { id: string; status: OrganisationStatus; kind: string; sealedAt: string | null }

/** The statuses that anybody may read. A committee that nobody has verified may be in danger, or may be a trap. */
const publicStatuses: readonly OrganisationStatus[] = ['verified', 'dissolved', 'merged']
const networkStatuses: readonly OrganisationStatus[] = [...publicStatuses, 'unclaimed', 'provisional']
const allStatuses = Object.keys(organisationLifecycle) as OrganisationStatus[]

/** The statuses in which the mandates of an organisation are valid and its delegates can act for it. */
export const actingStatuses: readonly OrganisationStatus[] = ['provisional', 'verified', 'rejected']

export function readableStatuses(caller: Caller): readonly OrganisationStatus[] {
  if (caller.kind === 'operator' || coordinatorMandate(caller)) return allStatuses
  return isInNetwork(caller) ? networkStatuses : publicStatuses
}

/** Whether the caller may read the organisation: always their own; others in a readable status, unless sealed. */
export const mayRead = (caller: Caller, { id, status, sealedAt }: OrganisationState): boolean =>
  organisationsOf(caller).includes(id) || (sealedAt === null && readableStatuses(caller).includes(status))

export const administers = (caller: Caller, id: string): boolean =>
  mandateFor(caller, id, 'administer') !== undefined

/** Whether the caller may see which coordination created it and when it was claimed: its own people and the network. */
export const mayReadOrigin = (caller: Caller, id: string): boolean =>
  isInNetwork(caller) || organisationsOf(caller).includes(id)

/**
 * Whether the caller may read reasons, which can name people and places: its own people, coordinators and the operator.
 */
export const mayReadReasons = (caller: Caller, id: string): boolean =>
  caller.kind === 'operator' || belongsTo(caller, id) || coordinatorMandate(caller) !== undefined

/** Whether the organisation was verified under its present name. */
export const isVouchedFor = (status: OrganisationStatus): boolean =>
  status === 'suspended' || publicStatuses.includes(status)

/** Whether the caller can approve, for the receiving organisation, a pending merger. */
export const mayReceiveMerger = (
  caller: Caller,
  { move, intoId, receiver }: Pick<PendingMove, 'move' | 'intoId' | 'receiver'>,
): boolean => move === 'merge' && intoId !== undefined && !receiver && administers(caller, intoId)

/** The roles in which the caller may take part in a decision on this organisation. */
export function rolesOf(caller: Caller, organisation: Pick<OrganisationState, 'id' | 'kind'>): Role[] {
  const held: Role[] = []
  if (mandateFor(caller, organisation.id, 'administer')) held.push('representative')
  // A coordinator cannot decide on an organisation in which they hold a mandate.
  if (coordinatorMandate(caller) && !belongsTo(caller, organisation.id)) held.push('coordinator')
  if (caller.kind === 'operator') held.push('operator')
  return held
}

/** The role in which the caller may approve from outside: a coordinator or, for coordinations only, the operator. */
export function outsideApproverRole(
  caller: Caller,
  organisation: Pick<OrganisationState, 'id' | 'kind'>,
): Role | undefined {
  const role = rolesOf(caller, organisation).find((held) => held !== 'representative')
  return role === 'operator' && organisation.kind !== 'coordination' ? undefined : role
}

export const waysToMove = (
  { kind }: Pick<OrganisationState, 'kind'>,
  move: DecidedMove,
): readonly ApprovalRule[] => (kind === 'coordination' ? approvalRulesForCoordinations : approvalRules)[move]

/** Whether the role completes the first approval of a move. */
export const completesMove = (
  organisation: Pick<OrganisationState, 'kind'>,
  { move, role: first }: Pick<PendingMove, 'move' | 'role'>,
  second: Role,
): boolean =>
  waysToMove(organisation, move).some((way) => [first, second].sort().join() === [...way].sort().join())

/** In which role, and by which mandate, the caller would take part in a move. The operator has no mandate. */
export function actingFor(
  caller: Caller,
  organisation: Pick<OrganisationState, 'id' | 'kind'>,
  move: DecidedMove,
  first: Pick<PendingMove, 'requestedForId'> | undefined,
): { role: Role; mandate: LiveMandate | undefined } | undefined {
  const held = rolesOf(caller, organisation)
  const role = rolesNeeded(organisation, move).find((needed) => held.includes(needed))
  if (role === undefined) return undefined
  // A coordinator of several acts for one that has not given the first approval.
  if (role === 'coordinator') return { role, mandate: coordinatorMandate(caller, first?.requestedForId) }
  return { role, mandate: mandateFor(caller, organisation.id, 'administer') }
}

/** Whether the caller may give an approval that a pending move waits for. */
export function mayApproveMove(
  caller: Caller,
  organisation: Pick<OrganisationState, 'id' | 'kind'>,
  pending: PendingMove,
): boolean {
  if (mayReceiveMerger(caller, pending)) return faultOfSecond(pending, caller) === undefined
  const acting = actingFor(caller, organisation, pending.move, pending)
  if (!acting || !completesMove(organisation, pending, acting.role)) return false
  const organisationId = acting.mandate?.organisationId
  if (faultOfSecond(pending, caller, { organisationId }) !== undefined) return false
  if (pending.move !== 'merge') return true
  return pending.receiver !== undefined && faultOfSecond(pending.receiver, caller) === undefined
}

/** Whether the caller may give the second approval of a name. Its own people ask, and do not approve. */
export function mayApproveName(
  caller: Caller,
  organisation: Pick<OrganisationState, 'id' | 'kind' | 'status'>,
  first: FirstApproval,
): boolean {
  const role = outsideApproverRole(caller, organisation)
  if (role === undefined || administers(caller, organisation.id) || organisation.status !== 'verified')
    return false
  const mandate = role === 'coordinator' ? coordinatorMandate(caller) : undefined
  return faultOfSecond(first, caller, { organisationId: mandate?.organisationId }) === undefined
}

export const rolesNeeded = (
  organisation: Pick<OrganisationState, 'kind'>,
  move: DecidedMove,
): readonly Role[] => [...new Set(waysToMove(organisation, move).flat())]

export function allowedMoves(
  caller: Caller,
  organisation: Omit<OrganisationState, 'sealedAt'>,
): OrganisationMove[] {
  const roles = rolesOf(caller, organisation)
  if (roles.length === 0) return []
  return movesFrom(organisationLifecycle, organisation.status)
    .filter(isDecided)
    .filter((move) => rolesNeeded(organisation, move).some((role) => roles.includes(role)))
}
