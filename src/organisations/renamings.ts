/** Renamings of verified organisations: a secretary requests one, and a coordinator verifies the new name. */
import { coordinatorMandate } from '../platform/access.ts'
import {
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../platform/actions/action-context.ts'
import { type Tx } from '../platform/database/database.ts'
import { forbidden, invalidBecause } from '../platform/problems.ts'
import { requireVersion, updateVersion, type Precondition } from '../platform/ledger/versioned-update.ts'
import {
  lockReadableOrganisation,
  presentOrganisation,
  requireOrganisation,
  waitingRenaming,
} from './actions.ts'
import { firstApproval, lockFirstApproval, requireSecondPerson } from './approvals/actions.ts'
import { requireDuplicatesAcknowledged } from './possible-duplicates/actions.ts'
import { skeletonColumns } from './possible-duplicates/queries.ts'
import { administers, outsideApproverRole } from './policy.ts'
import { nothingVouchedFor, renamingNotAsked } from './problems.ts'
import type { RenameOrganisation } from './schemas.ts'
import { organisations, type Renaming } from './tables.ts'

type LockedOrganisation = Awaited<ReturnType<typeof lockReadableOrganisation>>
type Name = Pick<Renaming, 'name' | 'country'>

/** Renames a verified organisation. It cannot do so alone, because it was verified under its name. */
export function renameOrganisation(
  context: ActionContext,
  id: string,
  version: Precondition,
  input: RenameOrganisation,
) {
  return transaction(context, async (tx) => {
    const row = await lockReadableOrganisation(tx, context, id)
    const asked = { name: input.name, country: input.country ?? row.country }
    if (administers(context.caller, id)) await ask(tx, context, row, asked, version)
    else await vouch(tx, context, row, asked, version, input.acknowledged)
    return presentOrganisation(context, await requireOrganisation(tx, id))
  })
}

/** Requests a renaming; a new request replaces the last one. */
async function ask(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Name,
  version: Precondition,
): Promise<void> {
  const mandate = await requireMandate(tx, context, row.id, 'administer')
  requireRenaming(row, asked, version)
  const renaming: Renaming = { ...firstApproval(context, mandate), ...asked }
  const by = { organisationId: mandate.organisationId, mandateId: mandate.id }
  await updateVersion(
    tx,
    context,
    organisations,
    row,
    { renaming },
    { type: 'organisation.renaming_asked', ...by },
  )
}

async function vouch(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  asked: Name,
  version: Precondition,
  acknowledged: boolean | undefined,
): Promise<void> {
  const role = outsideApproverRole(context.caller, row)
  if (role === undefined)
    throw forbidden(
      'Only its secretary, or a coordinator of another verified coordination, can do this. Ask one.',
    )
  const mandate = role === 'coordinator' ? coordinatorMandate(context.caller) : undefined
  if (mandate) await lockMandate(tx, context, mandate)
  requireRenaming(row, asked, version)
  const renaming = waitingRenaming(row, context.now)
  if (renaming?.name !== asked.name || renaming.country !== asked.country) throw renamingNotAsked()
  if (!(await lockFirstApproval(tx, context, renaming))) throw renamingNotAsked()
  // Administrators never get here, unless they were appointed after this request was admitted.
  requireSecondPerson(context, renaming, { organisationId: mandate?.organisationId })
  const vouched = { id: row.id, country: asked.country, names: [asked.name] }
  await requireDuplicatesAcknowledged(tx, context, vouched, acknowledged)
  await updateVersion(tx, context, organisations, row, changeTo(row, asked), {
    type: 'organisation.renamed',
    organisationId: mandate?.organisationId ?? row.id,
    mandateId: mandate?.id,
  })
}

function requireRenaming(row: LockedOrganisation, asked: Name, version: Precondition): void {
  requireVersion(row, version)
  if (row.status !== 'verified') throw nothingVouchedFor()
  if (asked.name !== row.name || asked.country !== row.country) return
  throw invalidBecause({
    pointer: '/name',
    code: 'same_name',
    detail: 'must differ from the current name, unless the country differs',
  })
}

/** The columns of the new name. The former name stays readable, and searches find it. */
function changeTo(row: LockedOrganisation, { name, country }: Name) {
  const formerly = name === row.name ? [] : [row.name]
  const nameVariants = [...new Set([...row.nameVariants, ...formerly])].filter((variant) => variant !== name)
  return {
    name,
    country,
    // A region lies in its country.
    region: country === row.country ? row.region : null,
    nameVariants,
    ...skeletonColumns({ name, nameVariants, abbreviation: row.abbreviation }),
    formerNames: [...row.formerNames, ...formerly],
    renaming: null,
  }
}
