import { belongsTo, mandateFor, type Caller, type LiveMandate } from '../../platform/access.ts'
import { lockMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { stateAfter } from '../../platform/lifecycle/lifecycle.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { requireVersion, updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { AskedMove } from '../../platform/lifecycle/transitions.ts'
import { delegateErased } from '../../delegates/problems.ts'
import { lockDelegateShared } from '../../delegates/queries.ts'
import { requireReadableVisit, lockReadableVisit } from '../actions.ts'
import { bookParticipant } from '../bookings/actions.ts'
import { shortenBookings, releaseBookings } from '../bookings/booking-updates.ts'
import { isOfParticipants } from '../bookings/queries.ts'
import type { Side, VisitStatus } from '../lifecycle.ts'
import { mayRead, organisationAt, sidesOf } from '../policy.ts'
import { participantNotFound, participantWithoutMandate, visitStatusForbids } from '../problems.ts'
import type { LockedVisit } from '../queries.ts'
import {
  movers,
  participantLifecycle,
  visitStatusesOfMove,
  preparationStatuses,
  type Mover,
  type ParticipantMove,
} from './lifecycle.ts'
import { allowedMoves, mayReadBooking, mayReadName, rolesOf } from './policy.ts'
import {
  lockMandateOf,
  lockParticipant,
  participantById,
  participantsOfVisit,
  visitIdOf,
  type ParticipantRow,
} from './queries.ts'
import type { NominateParticipant, ParticipantListParameters } from './schemas.ts'
import { visitParticipants } from './tables.ts'

export async function readParticipant(db: Db, context: ActionContext, id: string) {
  const row = await participantById(db, id)
  if (!row || !mayRead(context.caller, row)) throw participantNotFound()
  return presentParticipant(context.caller, row)
}

export async function listParticipants(
  db: Db,
  context: ActionContext,
  visitId: string,
  query: ParticipantListParameters,
) {
  await requireReadableVisit(db, context, visitId)
  const page = await participantsOfVisit(db, visitId, query)
  return { ...page, data: page.data.map((row) => presentParticipant(context.caller, row)) }
}

const presentParticipant = (caller: Caller, row: ParticipantRow) => ({
  ...row,
  allowedMoves: allowedMoves(caller, row),
  delegate: mayReadName(caller, row) ? row.delegate : null,
  consentedAt: mayReadName(caller, row) ? row.consentedAt : null,
  booking:
    row.bookingStatus !== null && mayReadBooking(caller, row)
      ? { status: row.bookingStatus, holdUntil: row.holdUntil }
      : null,
})

/** Nominates a delegate with a live mandate of the same side. The delegate must then agree personally. */
export function nominateParticipant(
  context: ActionContext,
  visitId: string,
  { delegateId }: NominateParticipant,
) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, visitId)
    const nominating = await requireNominator(tx, context, visit, delegateId)
    requireVisitStatus(visit, preparationStatuses)
    const id = randomId()
    await tx.insert(visitParticipants).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      status: 'nominated',
      visitId,
      delegateId,
      side: nominating.side,
    })
    record(tx, context, {
      type: 'participant.nominated',
      subjectId: id,
      subjectVersion: 1,
      organisationId: nominating.organisationId,
      mandateId: nominating.mandate.id,
      details: { visitId },
    })
    return readParticipant(tx, context, id)
  })
}

/** Returns the side for which the caller can nominate this delegate. Unknown and foreign delegates get the same fault. */
async function requireNominator(tx: Tx, context: ActionContext, visit: LockedVisit, delegateId: string) {
  const held = sidesOf(context.caller, visit)
  if (held.length === 0)
    throw forbidden('Only a delegate of the host or the visitor with the power "visit" can do this. Ask one.')
  const delegate = await lockDelegateShared(bypassRls(tx), delegateId)
  if (delegate?.erasedAt && belongsTo(context.caller, delegate.organisationId)) throw delegateErased()
  for (const side of held) {
    const organisationId = organisationAt(visit, side)
    const mandate = mandateFor(context.caller, organisationId, 'visit')
    if (!mandate || !(await lockMandateOf(bypassRls(tx), delegateId, organisationId, dateOf(context.now))))
      continue
    await lockMandate(tx, context, mandate)
    return { side, organisationId, mandate }
  }
  throw invalidBecause({
    pointer: '/delegateId',
    code: 'no_live_mandate',
    detail: 'must have a current mandate in your organisation',
  })
}

export function moveParticipant(
  context: ActionContext,
  { id, move, reason, version }: AskedMove<typeof participantLifecycle>,
) {
  return transaction(context, async (tx) => {
    const { visit, participant } = await lockVisitAndParticipant(tx, context, id)
    const acting = await requireMover(tx, context, visit, participant, move)
    requireVersion(participant, version)
    const to = stateAfter(
      participantLifecycle,
      participant.status,
      move,
      allowedMovesOf(context, visit, participant),
    )
    requireVisitStatus(visit, visitStatusesOfMove[move])
    if (movesThatNeedMandate.includes(move)) await requireParticipantMandate(tx, context, visit, participant)
    await updateBooking(tx, context, visit, participant, move)
    const change = { status: to, agreedAt: move === 'agree' ? context.now : participant.agreedAt }
    await updateVersion(tx, context, visitParticipants, participant, change, {
      type: 'participant.moved',
      organisationId: acting.organisationId,
      mandateId: acting.mandate?.id,
      transition: { move, from: participant.status, to, reason },
      aboutId: participant.delegateId,
    })
    return readParticipant(tx, context, id)
  })
}

type Participant = NonNullable<Awaited<ReturnType<typeof lockParticipant>>>

/** Locks the visit before the participant, so that all changes of a visit are serialised. */
async function lockVisitAndParticipant(
  tx: Tx,
  context: ActionContext,
  id: string,
): Promise<{ visit: LockedVisit; participant: Participant }> {
  const visitId = await visitIdOf(tx, id)
  if (visitId === undefined) throw participantNotFound()
  const visit = await lockReadableVisit(tx, context, visitId, participantNotFound)
  const participant = await lockParticipant(tx, id)
  if (!participant) throw participantNotFound()
  return { visit, participant }
}

/** The input of the policy, from the two locked rows. */
const policyRow = (visit: LockedVisit, participant: Participant) => ({
  ...participant,
  visitStatus: visit.status,
  hostId: visit.hostId,
  visitorId: visit.visitorId,
})

const allowedMovesOf = (context: ActionContext, visit: LockedVisit, participant: Participant) =>
  allowedMoves(context.caller, policyRow(visit, participant))

type ActingMover = { organisationId: string; mandate: LiveMandate | undefined }

/** Returns the organisation that the caller acts for. Locks the mandate, unless it is the participant's own move. */
async function requireMover(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  participant: Participant,
  move: ParticipantMove,
): Promise<ActingMover> {
  const held = rolesOf(context.caller, policyRow(visit, participant))
  const role = movers[move].find((mover) => held.includes(mover))
  if (!role) throw forbidden(refusalText(move))
  const organisationId = organisationAt(visit, sideOf(role, participant.side))
  const mandate = role === 'self' ? undefined : mandateFor(context.caller, organisationId, 'visit')
  if (mandate) await lockMandate(tx, context, mandate)
  return { organisationId, mandate }
}

const sideOf = (role: Mover, nominatedBy: Side): Side => (role === 'host' ? 'host' : nominatedBy)

const moverNames: Readonly<Record<Mover, string>> = {
  self: 'the participant',
  own: 'the organisation that nominated them',
  host: 'the host',
}

const refusalText = (move: ParticipantMove): string =>
  `Only ${movers[move].map((mover) => moverNames[mover]).join(' or ')} can do this.`

function requireVisitStatus(visit: LockedVisit, allowed: readonly VisitStatus[]): void {
  if (allowed.includes(visit.status)) return
  throw visitStatusForbids(undefined, { currentStatus: visit.status })
}

/** These moves lead to taking part, so they require a current mandate of the participant. */
const movesThatNeedMandate: readonly ParticipantMove[] = ['agree', 'await_visa', 'get_ready', 'arrive']

async function requireParticipantMandate(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  { delegateId, side }: Participant,
) {
  const held = await lockMandateOf(
    bypassRls(tx),
    delegateId,
    organisationAt(visit, side),
    dateOf(context.now),
  )
  if (!held) throw participantWithoutMandate()
}

/** Books a participant who prepares, and releases the booking of one who drops out. */
async function updateBooking(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  participant: Participant,
  move: ParticipantMove,
) {
  const traveller = { participantId: participant.id, delegateId: participant.delegateId }
  switch (move) {
    case 'agree':
    case 'await_visa':
      return bookParticipant(tx, context, visit, traveller, 'held')
    case 'get_ready':
      // A replacement in a confirmed visit is confirmed at once.
      return bookParticipant(
        tx,
        context,
        visit,
        traveller,
        visit.status === 'confirmed' ? 'confirmed' : 'held',
      )
    case 'refuse':
    case 'miss':
    case 'withdraw':
      return releaseBookings(tx, context, isOfParticipants([participant.id]))
    case 'return':
      return shortenBookings(tx, context, isOfParticipants([participant.id]))
    case 'arrive':
    case 'lapse':
    case 'release':
      return undefined
  }
}
