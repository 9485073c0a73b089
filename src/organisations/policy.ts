/** May this caller read or move this organisation? Pure: the row and the caller decide. */
import {
  belongsTo,
  coordinatorMandate,
  isInNetwork,
  mandateFor,
  organisationsOf,
  type Caller,
} from '../platform/access.ts'
import { movesFrom } from '../platform/lifecycle/lifecycle.ts'
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

/** What anybody may read. A committee that nobody vouched for may be in danger, or may be a trap. */
const publicStatuses: readonly OrganisationStatus[] = ['verified', 'dissolved', 'merged']
const networkStatuses: readonly OrganisationStatus[] = [...publicStatuses, 'unclaimed', 'provisional']
const allStatuses = Object.keys(organisationLifecycle) as OrganisationStatus[]

/** In these, the mandates that an organisation gave are live, and its delegates act for it. */
export const actingStatuses: readonly OrganisationStatus[] = ['provisional', 'verified', 'rejected']

export function readableStatuses(caller: Caller): readonly OrganisationStatus[] {
  if (caller.kind === 'operator' || coordinatorMandate(caller)) return allStatuses
  return isInNetwork(caller) ? networkStatuses : publicStatuses
}

/** One's own always; of the others those whose status is shown, and who have not sealed themselves. */
export const mayRead = (caller: Caller, { id, status, sealedAt }: OrganisationState): boolean =>
  organisationsOf(caller).includes(id) || (sealedAt === null && readableStatuses(caller).includes(status))

export const administers = (caller: Caller, id: string): boolean =>
  mandateFor(caller, id, 'administer') !== undefined

/** Who may know by whom it was made known and when it claimed its account: itself, and the network. */
export const mayReadOrigin = (caller: Caller, id: string): boolean =>
  isInNetwork(caller) || organisationsOf(caller).includes(id)

/** Why it was verified or suspended may name who vouched, and where they live: for its own people, and those who judge. */
export const mayReadReasons = (caller: Caller, id: string): boolean =>
  caller.kind === 'operator' || belongsTo(caller, id) || coordinatorMandate(caller) !== undefined

/** Whether somebody vouched for it under the name that it has. */
export const isVouchedFor = (status: OrganisationStatus): boolean =>
  status === 'suspended' || publicStatuses.includes(status)

/** Whether the caller can agree, for the one that receives, to a merger that waits. */
export const mayReceiveMerger = (
  caller: Caller,
  { move, intoId, receiver }: Pick<PendingMove, 'move' | 'intoId' | 'receiver'>,
): boolean => move === 'merge' && intoId !== undefined && !receiver && administers(caller, intoId)

/** In which roles the caller may take part in moving this organisation. */
export function rolesOf(caller: Caller, organisation: Pick<OrganisationState, 'id' | 'kind'>): Role[] {
  const held: Role[] = []
  if (mandateFor(caller, organisation.id, 'administer')) held.push('representative')
  // Nobody vouches for, or sits in judgement over, an organisation of their own.
  if (coordinatorMandate(caller) && !belongsTo(caller, organisation.id)) held.push('coordinator')
  if (caller.kind === 'operator') held.push('operator')
  return held
}

/** In which role somebody from outside may vouch for it alone: the operator only for coordinations, of which one was first. */
export function vouchingRoleOf(
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
