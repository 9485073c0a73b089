/** Mergers of one organisation into another. */
import { requireMandate, transaction, type ActionContext } from '../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../platform/database/database.ts'
import { recordAll, type Entry } from '../platform/ledger/ledger.ts'
import { requireVersion, updateVersion, type Precondition } from '../platform/ledger/versioned-update.ts'
import { invalidBecause } from '../platform/problems.ts'
import { waitingMove, lockReadableOrganisation, presentOrganisation, requireOrganisation } from './actions.ts'
import { firstApproval, lockFirstApproval, requireSecondPerson } from './approvals/actions.ts'
import { secondPersonNeeded } from './approvals/problems.ts'
import { moveOrAwait, requireRole, actorOf, type LockedOrganisation, type Acting } from './decisions.ts'
import { type PendingMove } from './lifecycle.ts'
import { administers, mayRead, mayReceiveMerger, rolesOf } from './policy.ts'
import { skeletonColumns } from './possible-duplicates/queries.ts'
import { cannotMergeInto } from './problems.ts'
import { lockOrganisation, replaceSuccessor } from './queries.ts'
import { organisations } from './tables.ts'
import { transferWorksites } from './worksites/queries.ts'

export type Merger = { intoId: string; reason: string | undefined; version: Precondition }

/**
 * Merges an organisation into another. The merged one stays readable and points to its successor, whose delegates act
 * for it.
 */
export function mergeOrganisation(context: ActionContext, id: string, { intoId, reason, version }: Merger) {
  return transaction(context, async (tx) => {
    // Locked in the order of their ids, so that two mergers in opposite directions wait for each other instead of
    // failing.
    for (const each of [id, intoId].sort()) await lockOrganisation(tx, each)
    const row = await lockReadableOrganisation(tx, context, id)
    const waiting = await waitingFor(tx, context, row, intoId)
    if (waiting && mayReceiveMerger(context.caller, waiting))
      return receive(tx, context, row, waiting, version)
    if (waiting && rolesOf(context.caller, row).length === 0 && administers(context.caller, intoId))
      throw secondPersonNeeded()
    const acting = await requireRole(tx, context, row, 'merge')
    requireVersion(row, version)
    const into = await successorOf(tx, context, row, intoId)
    const moved = await moveOrAwait(tx, context, row, { move: 'merge', reason, intoId }, acting)
    if (moved) await transferToSuccessor(tx, context, row, into, acting)
    return presentOrganisation(context, await requireOrganisation(tx, id))
  })
}

/** The pending merger into this organisation, if there is one and its first approval counts. */
async function waitingFor(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  intoId: string,
): Promise<Merging | undefined> {
  const pending = waitingMove(row, context.now)
  if (pending?.move !== 'merge' || pending.intoId !== intoId) return undefined
  return (await lockFirstApproval(tx, context, pending)) ? { ...pending, intoId } : undefined
}

type Merging = PendingMove & { intoId: string }

/** Approves a merger for the receiving organisation, which takes on the pacts and people of the other. */
async function receive(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  waiting: Merging,
  version: Precondition,
) {
  const mandate = await requireMandate(tx, context, waiting.intoId, 'administer')
  requireVersion(row, version)
  requireSecondPerson(context, waiting)
  const receiver = { ...firstApproval(context, mandate), expiresAt: waiting.expiresAt }
  const pending: PendingMove = { ...waiting, receiver }
  const details = { intoId: waiting.intoId }
  const by = { organisationId: waiting.intoId, mandateId: mandate.id }
  // Bypasses RLS, because the receiver has no other right to change the row of the other organisation.
  await updateVersion(
    bypassRls(tx),
    context,
    organisations,
    row,
    { pending },
    { type: 'organisation.merger_received', ...by, details },
  )
  return presentOrganisation(context, await requireOrganisation(tx, row.id))
}

async function successorOf(
  tx: Tx,
  context: ActionContext,
  row: LockedOrganisation,
  intoId: string,
): Promise<LockedOrganisation> {
  if (intoId === row.id) throw wrongSuccessor('same_organisation', 'must be another organisation')
  const into = await lockOrganisation(tx, intoId)
  if (!into || !mayRead(context.caller, into))
    throw wrongSuccessor('unknown_organisation', 'must be an organisation that you can see')
  // The successor may itself wait for a merger, which is not disclosed: that later merger transfers everything.
  if (into.status !== 'verified') throw cannotMergeInto()
  return into
}

const wrongSuccessor = (code: string, detail: string) => invalidBecause({ pointer: '/intoId', code, detail })

/** Transfers names and worksites to the successor; pacts and mandates stay where they were signed. */
async function transferToSuccessor(
  tx: Tx,
  context: ActionContext,
  from: LockedOrganisation,
  into: LockedOrganisation,
  acting: Acting,
): Promise<void> {
  const names = [from.name, ...from.nameVariants, ...(from.abbreviation ? [from.abbreviation] : [])]
  const nameVariants = [...new Set([...into.nameVariants, ...names])].filter((name) => name !== into.name)
  const by = actorOf(from, acting)
  const details = { mergedId: from.id }
  const succeeded = { type: 'organisation.succeeded', ...by, details } as const
  // Bypasses RLS, because the last approval may be that of the merged organisation's secretary, who has no rights in
  // the other.
  const heir = bypassRls(tx)
  await updateVersion(
    heir,
    context,
    organisations,
    into,
    { nameVariants, ...skeletonColumns({ ...into, nameVariants }) },
    succeeded,
  )
  const inherited = await transferWorksites(heir, context.now, from.id, into.id)
  // Organisations that were merged into this one earlier point to the new successor.
  const redirected = await replaceSuccessor(heir, context.now, from.id, into.id)
  const entryOf = (type: Entry['type']) => (row: { id: string; version: number }) => ({
    type,
    subjectId: row.id,
    subjectVersion: row.version,
    ...by,
    details,
  })
  recordAll(tx, context, [
    ...inherited.map(entryOf('worksite.inherited')),
    ...redirected.map(entryOf('organisation.successor_replaced')),
  ])
}
