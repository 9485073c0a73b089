/** A coordination that the operator creates at their terminal: verified from the start, since nobody else could verify the first one. */
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import type { Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import { insertOrganisation } from '../actions.ts'
import { organisationLifecycle } from '../lifecycle.ts'
import { organisationNotFound } from '../problems.ts'
import { lockOrganisation } from '../queries.ts'
import type { RegisterOrganisation } from '../schemas.ts'
import { organisations } from '../tables.ts'
import type { SeatFirstSecretary } from './actions.ts'

/** Supplied by the feature that keeps mandates. */
export type SeatCoordinator = (
  tx: Tx,
  context: ActionContext,
  organisationId: string,
  delegateId: string,
) => Promise<void>

type Seats = { seatFirstSecretary: SeatFirstSecretary; seatCoordinator: SeatCoordinator }

/** Its secretary also holds the office of a coordinator, so that they can verify others at once. */
export function foundCoordination(context: ActionContext, input: RegisterOrganisation, seats: Seats) {
  return transaction(context, async (tx) => {
    const id = timeOrderedId()
    await insertOrganisation(tx, context, id, input, 'provisional', {})
    await record(tx, context, {
      type: 'organisation.registered',
      subjectId: id,
      subjectVersion: 1,
      organisationId: id,
    })
    const seat = await seats.seatFirstSecretary(tx, context, { id, kind: input.kind }, input.secretary)
    await verify(tx, context, id)
    await seats.seatCoordinator(tx, context, id, seat.secretary.id)
    return { id, token: seat.token }
  })
}

async function verify(tx: Tx, context: ActionContext, id: string): Promise<void> {
  const row = await lockOrganisation(tx, id)
  if (!row) throw organisationNotFound()
  const to = organisationLifecycle.provisional.verify
  const transition = { move: 'verify', from: row.status, to }
  const entry = { type: 'organisation.moved', organisationId: id, transition } as const
  await updateVersion(tx, context, organisations, row, { status: to, vouchBy: null }, entry)
}
