/** A coordination that the operator creates at their terminal: verified from the start, since nobody else could verify the first one. */
import { transaction, type Act } from '../../platform/act.ts'
import type { Tx } from '../../platform/database.ts'
import { orderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { revise } from '../../platform/revising.ts'
import { insertOrganisation } from '../actions.ts'
import { organisationLifecycle } from '../lifecycle.ts'
import { organisationNotFound } from '../problems.ts'
import { lockOrganisation } from '../queries.ts'
import type { RegisterOrganisation } from '../schemas.ts'
import { organisations } from '../tables.ts'
import type { SeatFirstSecretary } from './actions.ts'

/** Supplied by the feature that keeps mandates. */
export type SeatCoordinator = (tx: Tx, act: Act, organisationId: string, delegateId: string) => Promise<void>

type Seats = { seatFirstSecretary: SeatFirstSecretary; seatCoordinator: SeatCoordinator }

/** Its secretary also holds the office of a coordinator, so that they can verify others at once. */
export function foundCoordination(act: Act, input: RegisterOrganisation, seats: Seats) {
  return transaction(act, async (tx) => {
    const id = orderedId()
    await insertOrganisation(tx, act, id, input, 'provisional', {})
    await record(tx, act, {
      type: 'organisation.registered',
      subjectId: id,
      subjectVersion: 1,
      organisationId: id,
    })
    const seat = await seats.seatFirstSecretary(tx, act, { id, kind: input.kind }, input.secretary)
    await verify(tx, act, id)
    await seats.seatCoordinator(tx, act, id, seat.secretary.id)
    return { id, token: seat.token }
  })
}

async function verify(tx: Tx, act: Act, id: string): Promise<void> {
  const row = await lockOrganisation(tx, id)
  if (!row) throw organisationNotFound()
  const to = organisationLifecycle.provisional.verify
  const transition = { move: 'verify', from: row.status, to }
  const told = { type: 'organisation.moved', organisationId: id, transition } as const
  await revise(tx, act, organisations, row, { status: to, vouchBy: null }, told)
}
