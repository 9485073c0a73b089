/** Coordinators compare similar names before they verify one. */
import { coordinatorMandate } from '../../platform/access.ts'
import type { ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { forbidden } from '../../platform/problems.ts'
import { systemRlsContext } from '../../platform/database/rls-context.ts'
import { accessOrganisation } from '../actions.ts'
import { administers } from '../policy.ts'
import { possibleDuplicates } from '../problems.ts'
import { namesOf, similarOrganisations } from './queries.ts'

export async function readPossibleDuplicates(db: Db, context: ActionContext, id: string) {
  const row = await accessOrganisation(db, context, id)
  const { caller } = context
  if (caller.kind !== 'operator' && !coordinatorMandate(caller) && !administers(caller, id))
    throw forbidden('Only a coordinator or an administrator of the organisation can read this. Ask one.')
  const compared = { id, country: row.country, names: namesOf(row) }
  return { data: await similarOrganisations(context.db.as(systemRlsContext).read, context, compared) }
}

type ComparedOrganisation = { id: string; country: string; names: readonly string[] }

/** Throws 409 with the possible duplicates, unless there are none or the caller has acknowledged them. */
export async function requireDuplicatesAcknowledged(
  tx: Tx,
  context: ActionContext,
  compared: ComparedOrganisation,
  acknowledged: boolean | undefined,
): Promise<void> {
  if (acknowledged === true) return
  const found = await similarOrganisations(bypassRls(tx), context, compared)
  if (found.length > 0) throw possibleDuplicates(undefined, { possibleDuplicates: found })
}
