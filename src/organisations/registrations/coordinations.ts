/**
 * Coordinations that the operator creates on the command line: verified from the start, because nobody else could
 * verify the first one.
 */
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
import type { AppointFirstSecretary } from './actions.ts'

/** Supplied by the feature delegates. */
export type AppointCoordinator = (
  tx: Tx,
  context: ActionContext,
  organisationId: string,
  delegateId: string,
) => Promise<void>

type Appointments = { appointFirstSecretary: AppointFirstSecretary; appointCoordinator: AppointCoordinator }

/** Registers a verified coordination. Its secretary is also a coordinator, so that they can verify others at once. */
export function registerCoordination(
  context: ActionContext,
  input: RegisterOrganisation,
  appointments: Appointments,
) {
  return transaction(context, async (tx) => {
    const id = timeOrderedId()
    await insertOrganisation(tx, context, id, input, 'provisional', {})
    record(tx, context, {
      type: 'organisation.registered',
      subjectId: id,
      subjectVersion: 1,
      organisationId: id,
    })
    const appointed = await appointments.appointFirstSecretary(
      tx,
      context,
      { id, kind: input.kind },
      input.secretary,
    )
    await verify(tx, context, id)
    await appointments.appointCoordinator(tx, context, id, appointed.secretary.id)
    return { id, token: appointed.token }
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
