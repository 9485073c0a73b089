/** Who may read a participant's name and move them. Pure. */
import { belongsTo, mandateFor, type Caller } from '../../platform/access.ts'
import { movesFrom } from '../../platform/lifecycle/lifecycle.ts'
import { isSelf } from '../../delegates/policy.ts'
import type { Side, VisitStatus } from '../lifecycle.ts'
import { organisationAt } from '../policy.ts'
import {
  movers,
  participantLifecycle,
  visitStatusesOfMove,
  type Mover,
  type ParticipantMove,
  type ParticipantStatus,
} from './lifecycle.ts'

type KnownParticipant = {
  hostId: string
  visitorId: string
  side: Side
  delegateId: string
  status: ParticipantStatus
  agreedAt: string | null
}

/** Their own side knows whom it nominated; the other learns it when the person agrees, and not after a withdrawal. */
export const mayReadName = (caller: Caller, participant: KnownParticipant): boolean =>
  mayReadBooking(caller, participant) || (participant.agreedAt !== null && participant.status !== 'withdrawn')

/** That somebody's time is not kept free tells that they are expected elsewhere, which is their own side's business. */
export const mayReadBooking = (caller: Caller, participant: KnownParticipant): boolean =>
  isSelf(caller, participant.delegateId) || belongsTo(caller, organisationAt(participant, participant.side))

/** In which roles the caller may move this participant. */
export function rolesOf(caller: Caller, participant: KnownParticipant): Mover[] {
  const acts = (organisationId: string) => mandateFor(caller, organisationId, 'visit') !== undefined
  const held: Mover[] = []
  if (isSelf(caller, participant.delegateId)) held.push('self')
  if (acts(organisationAt(participant, participant.side))) held.push('own')
  if (acts(participant.hostId)) held.push('host')
  return held
}

export const allowedMoves = (
  caller: Caller,
  participant: KnownParticipant & { visitStatus: VisitStatus },
): ParticipantMove[] => {
  const roles = rolesOf(caller, participant)
  return movesFrom(participantLifecycle, participant.status).filter(
    (move) =>
      visitStatusesOfMove[move].includes(participant.visitStatus) &&
      movers[move].some((mover) => roles.includes(mover)),
  )
}
