import {
  requireMandate,
  setInstant,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import { updateVersion, type LedgerDetails } from '../../platform/ledger/versioned-update.ts'
import {
  firstApproval,
  lockFirstApproval,
  personOf,
  requireNoPartInRecovery,
  requireSecondPerson,
} from '../approvals/actions.ts'
import { isWaiting } from '../approvals/policy.ts'
import { organisationNotFound, sealNotFound, sealSuccessor } from '../problems.ts'
import { requireCoordinator, lockReadableOrganisation } from '../actions.ts'
import type { OrganisationKind } from '../lifecycle.ts'
import { lockAdministratorMandate } from '../status/queries.ts'
import { clearedApprovals, organisations } from '../tables.ts'
import { mayRead, roleOf } from './policy.ts'
import { lockCurrentSeal, lockWithMerged, sealById, currentSeal, type SealRow } from './queries.ts'
import { seals } from './tables.ts'

/** What a seal revokes in a feature: see `reactions` in the manifests. */
export type OnSeal = (tx: Tx, context: ActionContext, sealed: Sealed) => Promise<void>
export type Sealed = { organisationId: string; organisationIds: readonly string[]; mandateId: string | null }

export const readSeal = (context: ActionContext, organisationId: string) =>
  transaction(context, async (tx) => present(await accessSeal(tx, context, organisationId), context.now))

async function accessSeal(tx: Tx, { caller, now }: ActionContext, organisationId: string): Promise<SealRow> {
  await setInstant(tx, now)
  const seal = await currentSeal(tx, organisationId)
  if (!seal || !mayRead(caller, seal, now)) throw sealNotFound()
  return seal
}

/**
 * Seals an organisation. A repeated request gives the same answer, because in an emergency nobody knows whether the
 * first one arrived.
 */
export function sealOrganisation(context: ActionContext, organisationId: string, onSeal: readonly OnSeal[]) {
  return transaction(context, async (tx) => {
    const { kind: organisationKind, mergedIntoId } = await lockReadableOrganisation(
      tx,
      context,
      organisationId,
    )
    // The people of a merged organisation are those of its successor, whose seal hides it and is lifted by them.
    if (mergedIntoId !== null) throw sealSuccessor()
    const existing = await currentSeal(tx, organisationId)
    if (existing) return present(existing, context.now)
    const mandate = await requireMandate(tx, context, organisationId, 'administer')
    const by = { organisationId, mandateId: mandate.id }
    const members = await lockWithMerged(tx, organisationId)
    const entry = { type: 'organisation.sealed', ...by } as const
    const change = { sealedAt: context.now, ...clearedApprovals }
    for (const member of members) await updateVersion(tx, context, organisations, member, change, entry)
    const id = await insertSeal(tx, context, { ...by, organisationKind })
    for (const react of onSeal)
      await react(tx, context, { ...by, organisationIds: members.map((member) => member.id) })
    return present((await sealById(tx, id)) as SealRow, context.now)
  })
}

/**
 * Requests to lift the seal, or approves the request. The first must be one of its own people, the second another of
 * them or an outside approver.
 */
export function liftSeal(context: ActionContext, organisationId: string) {
  return transaction(context, async (tx) => {
    await accessSeal(tx, context, organisationId)
    // Bypasses RLS, because a person who may approve may not change the row before.
    const seal = await lockCurrentSeal(bypassRls(tx), organisationId)
    if (!seal) throw sealNotFound()
    const mandateId = await requireRight(tx, context, seal)
    // The seal suspends the powers of its own people, but not the right to request its lifting.
    const isAsked = await lockFirstApproval(tx, context, seal, { isSealAllowed: true })
    if (isAsked) await lift(tx, context, seal, mandateId)
    else await askToLift(tx, context, seal, mandateId)
    return present((await sealById(bypassRls(tx), seal.id)) as SealRow, context.now)
  })
}

type NewSeal = { organisationId: string; organisationKind: OrganisationKind; mandateId: string | null }

async function insertSeal(
  tx: Tx,
  context: ActionContext,
  { mandateId, ...sealed }: NewSeal,
): Promise<string> {
  const id = randomId()
  const instants = { createdAt: context.now, updatedAt: context.now }
  await tx.insert(seals).values({ id, ...instants, ...sealed, sealedById: personOf(context) })
  const { organisationId } = sealed
  record(tx, context, { type: 'seal.set', subjectId: id, subjectVersion: 1, organisationId, mandateId })
  return id
}

/** Requires a part in lifting the seal and locks the mandate for it; the operator has none. Throws 403 otherwise. */
async function requireRight(tx: Tx, context: ActionContext, seal: SealRow): Promise<string | null> {
  const role = roleOf(context.caller, seal)
  if (role === 'operator') return null
  const mandate =
    role === 'coordinator'
      ? await requireCoordinator(tx, context)
      : await lockAdministratorMandate(tx, personOf(context), seal.organisationId, context.now)
  if (!mandate) throw forbidden('Only an administrator of the organisation can do this. Ask its secretary.')
  return mandate.id
}

async function askToLift(
  tx: Tx,
  context: ActionContext,
  seal: SealRow,
  mandateId: string | null,
): Promise<void> {
  // The requester has lost the mandate, so there is nothing to approve.
  if (mandateId === null || roleOf(context.caller, seal) !== 'representative') throw sealNotFound()
  const { organisationId } = seal
  const change = firstApproval(context, { id: mandateId, organisationId })
  await updateVersion(tx, context, seals, seal, change, {
    type: 'seal.lifting_asked',
    organisationId,
    mandateId,
  })
}

async function lift(tx: Tx, context: ActionContext, seal: SealRow, mandateId: string | null): Promise<void> {
  const { organisationId, createdAt } = seal
  requireSecondPerson(context, seal)
  await requireNoPartInRecovery(tx, context, { organisationId, since: createdAt })
  const liftedById = context.caller.kind === 'operator' ? context.caller.tokenId : personOf(context)
  const entry = { organisationId, mandateId }
  // Bypasses RLS, because the approver may not see the organisation before.
  const all = bypassRls(tx)
  await updateVersion(
    all,
    context,
    seals,
    seal,
    { liftedById, liftedAt: context.now },
    { type: 'seal.lifted', ...entry },
  )
  const members = await lockWithMerged(all, organisationId)
  if (members.length === 0) throw organisationNotFound()
  const opened: LedgerDetails = { type: 'organisation.unsealed', ...entry }
  for (const member of members)
    await updateVersion(all, context, organisations, member, { sealedAt: null }, opened)
}

function present(seal: SealRow, now: string) {
  const waiting = isWaiting(seal, now)
  const open = waiting ? ('lifting' as const) : ('sealed' as const)
  return {
    ...seal,
    status: seal.liftedAt === null ? open : ('lifted' as const),
    liftAskedUntil: waiting ? seal.expiresAt : null,
  }
}
