/** Decides who may read the name of a participant, and who may move them. Pure. */
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

/** The own side can always read the name. The other side can after the person agreed, and not after a withdrawal. */
export const mayReadName = (caller: Caller, participant: KnownParticipant): boolean =>
  mayReadBooking(caller, participant) || (participant.agreedAt !== null && participant.status !== 'withdrawn')

/** A missing booking reveals that the person is booked elsewhere, so only the own side can see bookings. */
export const mayReadBooking = (caller: Caller, participant: KnownParticipant): boolean =>
  isSelf(caller, participant.delegateId) || belongsTo(caller, organisationAt(participant, participant.side))

/** Returns the roles in which the caller may move this participant. */
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
