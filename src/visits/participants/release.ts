/** Moves of participants that the service makes by rule, inside the transaction that locked the visit. */
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { recordAll } from '../../platform/ledger/ledger.ts'
import { stateAfter } from '../../platform/lifecycle/lifecycle.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { releaseBookings } from '../bookings/booking-updates.ts'
import { isOfParticipants } from '../bookings/queries.ts'
import { tryLockVisit, lockVisit } from '../queries.ts'
import { statusesBeforeArrival, participantLifecycle, preparationStatuses } from './lifecycle.ts'
import {
  participantsFacingSealedSide,
  participantStatesOfVisit,
  lockMandatesOfParticipants,
  moveParticipants,
  visitsExpecting,
  visitsWithSealedSide,
  visitsWithParticipantsWithoutMandate,
  type ParticipantState,
} from './queries.ts'

/** Moves ready participants without a booking back to agreed. They must be made ready again. */
export async function lapseUnbooked(
  tx: Tx,
  context: ActionContext,
  unbooked: readonly ParticipantState[],
): Promise<void> {
  const ready = unbooked.filter((guest) => guest.status === 'ready')
  await moveByRule(tx, context, 'lapse', ready)
}

/** Releases all participants of a visit that was called off. The other side then no longer sees their names. */
export async function releaseAllParticipants(tx: Tx, context: ActionContext, visitId: string): Promise<void> {
  await release(tx, context, await releasable(tx, visitId), 'The visit was called off.')
}

/** Releases participants without a mandate. Locks the mandates of the others until the transaction ends. */
export async function releaseWithoutMandate(tx: Tx, context: ActionContext, visitId: string): Promise<void> {
  const mandated = await lockMandatesOfParticipants(bypassRls(tx), visitId, dateOf(context.now))
  const gone = (await releasable(tx, visitId)).filter((guest) => !mandated.includes(guest.participantId))
  await release(tx, context, gone, 'The mandate has ended.')
}

/** Releases an erased person from all visits. */
export async function releaseErasedPerson(tx: Tx, context: ActionContext, delegateId: string): Promise<void> {
  for (const visitId of await visitsExpecting(tx, delegateId)) {
    await lockVisit(tx, visitId)
    const theirs = (await releasable(tx, visitId)).filter((guest) => guest.delegateId === delegateId)
    await release(tx, context, theirs, 'The person has left.')
  }
}

/** Called by a job: releases participants whose mandate was recalled or has expired, also from confirmed visits. */
export const mandateReleaseSweep: Sweep = {
  due: visitsWithParticipantsWithoutMandate,
  carryOut: async (tx, context, visitId) => {
    const visit = await tryLockVisit(tx, visitId)
    if (!visit || !preparationStatuses.includes(visit.status)) return false
    await releaseWithoutMandate(tx, context, visitId)
    return true
  },
}

/**
 * Called by a job: releases participants whose other side has sealed itself, because the seal hides the visit from them. Not
 * part of the seal, which must not wait for a locked visit.
 */
export const sealReleaseSweep: Sweep = {
  due: visitsWithSealedSide,
  carryOut: async (tx, context, visitId) => {
    if (!(await tryLockVisit(tx, visitId))) return false
    const ids = await participantsFacingSealedSide(tx, visitId)
    const gone = (await releasable(tx, visitId)).filter((guest) => ids.includes(guest.participantId))
    await release(tx, context, gone, 'The other side has sealed itself.')
    return gone.length > 0
  },
}

const releasable = async (tx: Tx, visitId: string): Promise<ParticipantState[]> =>
  (await participantStatesOfVisit(tx, visitId)).filter((guest) =>
    statusesBeforeArrival.includes(guest.status),
  )

async function release(
  tx: Tx,
  context: ActionContext,
  guests: readonly ParticipantState[],
  reason: string,
): Promise<void> {
  if (guests.length === 0) return
  await releaseBookings(tx, context, isOfParticipants(idsOf(guests)))
  await moveByRule(tx, context, 'release', guests, reason)
}

async function moveByRule(
  tx: Tx,
  context: ActionContext,
  move: 'lapse' | 'release',
  guests: readonly ParticipantState[],
  reason?: string,
): Promise<void> {
  if (guests.length === 0) return
  await moveParticipants(tx, context.now, idsOf(guests), participantLifecycle.ready[move])
  // Bypasses RLS: a request may not write entries of the system.
  recordAll(
    bypassRls(tx),
    { ...context, caller: { kind: 'system' } },
    guests.map(({ participantId, version, organisationId, status: from }) => ({
      type: 'participant.moved',
      subjectId: participantId,
      subjectVersion: version + 1,
      organisationId,
      transition: { move, from, to: stateAfter(participantLifecycle, from, move, []), reason },
    })),
  )
}

const idsOf = (guests: readonly ParticipantState[]): string[] => guests.map((guest) => guest.participantId)
