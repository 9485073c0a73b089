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
import { requireCoordinator, lockReadable } from '../actions.ts'
import type { OrganisationKind } from '../lifecycle.ts'
import { lockAdministration } from '../status/queries.ts'
import { clearedApprovals, organisations } from '../tables.ts'
import { mayRead, roleOf } from './policy.ts'
import { lockCurrentSeal, lockWithMerged, sealById, currentSeal, type SealRow } from './queries.ts'
import { seals } from './tables.ts'

/** What a seal revokes in a feature: see `reactions` in the manifests. */
export type OnSeal = (tx: Tx, act: ActionContext, sealed: Sealed) => Promise<void>
export type Sealed = { organisationId: string; organisationIds: readonly string[]; mandateId: string | null }

export const readSeal = (act: ActionContext, organisationId: string) =>
  transaction(act, async (tx) => present(await accessSeal(tx, act, organisationId), act.now))

async function accessSeal(tx: Tx, { caller, now }: ActionContext, organisationId: string): Promise<SealRow> {
  await setInstant(tx, now)
  const seal = await currentSeal(tx, organisationId)
  if (!seal || !mayRead(caller, seal, now)) throw sealNotFound()
  return seal
}

/** Asked twice, it answers twice the same: in an emergency nobody knows whether the first one arrived. */
export function sealOrganisation(act: ActionContext, organisationId: string, onSeal: readonly OnSeal[]) {
  return transaction(act, async (tx) => {
    const { kind: organisationKind, mergedIntoId } = await lockReadable(tx, act, organisationId)
    // Its people are those of its successor: by that one's seal it is hidden, and they lift it.
    if (mergedIntoId !== null) throw sealSuccessor()
    const standing = await currentSeal(tx, organisationId)
    if (standing) return present(standing, act.now)
    const mandate = await requireMandate(tx, act, organisationId, 'administer')
    const by = { organisationId, mandateId: mandate.id }
    const members = await lockWithMerged(tx, organisationId)
    const entry = { type: 'organisation.sealed', ...by } as const
    const change = { sealedAt: act.now, ...clearedApprovals }
    for (const member of members) await updateVersion(tx, act, organisations, member, change, entry)
    const id = await insertSeal(tx, act, { ...by, organisationKind })
    for (const react of onSeal)
      await react(tx, act, { ...by, organisationIds: members.map((member) => member.id) })
    return present((await sealById(tx, id)) as SealRow, act.now)
  })
}

/** The first approval is that of its own people; the second that of another of them, or of a person who may vouch. */
export function liftSeal(act: ActionContext, organisationId: string) {
  return transaction(act, async (tx) => {
    await accessSeal(tx, act, organisationId)
    // A person who may agree to lift it may not change the row before.
    const seal = await lockCurrentSeal(bypassRls(tx), organisationId)
    if (!seal) throw sealNotFound()
    const mandateId = await requireRight(tx, act, seal)
    // The seal takes their powers from its own people, and not the right to ask.
    const isAsked = await lockFirstApproval(tx, act, seal, { isSealAllowed: true })
    if (isAsked) await lift(tx, act, seal, mandateId)
    else await askToLift(tx, act, seal, mandateId)
    return present((await sealById(bypassRls(tx), seal.id)) as SealRow, act.now)
  })
}

type NewSeal = { organisationId: string; organisationKind: OrganisationKind; mandateId: string | null }

async function insertSeal(tx: Tx, act: ActionContext, { mandateId, ...sealed }: NewSeal): Promise<string> {
  const id = randomId()
  const instants = { createdAt: act.now, updatedAt: act.now }
  await tx.insert(seals).values({ id, ...instants, ...sealed, sealedById: personOf(act) })
  const { organisationId } = sealed
  await record(tx, act, { type: 'seal.set', subjectId: id, subjectVersion: 1, organisationId, mandateId })
  return id
}

/** The mandate by which the caller has a part in it, held; the operator has none. Throws 403 for anybody else. */
async function requireRight(tx: Tx, act: ActionContext, seal: SealRow): Promise<string | null> {
  const role = roleOf(act.caller, seal)
  if (role === 'operator') return null
  const mandate =
    role === 'coordinator'
      ? await requireCoordinator(tx, act)
      : await lockAdministration(tx, personOf(act), seal.organisationId, act.now)
  if (!mandate) throw forbidden('This is for who administers the organisation. Ask its secretary.')
  return mandate.id
}

async function askToLift(tx: Tx, act: ActionContext, seal: SealRow, mandateId: string | null): Promise<void> {
  // The person who asked has lost the mandate: for all others there is nothing to agree to.
  if (mandateId === null || roleOf(act.caller, seal) !== 'representative') throw sealNotFound()
  const { organisationId } = seal
  const change = firstApproval(act, { id: mandateId, organisationId })
  await updateVersion(tx, act, seals, seal, change, { type: 'seal.lifting_asked', organisationId, mandateId })
}

async function lift(tx: Tx, act: ActionContext, seal: SealRow, mandateId: string | null): Promise<void> {
  const { organisationId, createdAt } = seal
  requireSecondPerson(act, seal)
  await requireNoPartInRecovery(tx, act, { organisationId, since: createdAt })
  const liftedById = act.caller.kind === 'operator' ? act.caller.tokenId : personOf(act)
  const entry = { organisationId, mandateId }
  // The person who approves may not see the organisation before.
  const all = bypassRls(tx)
  await updateVersion(
    all,
    act,
    seals,
    seal,
    { liftedById, liftedAt: act.now },
    { type: 'seal.lifted', ...entry },
  )
  const members = await lockWithMerged(all, organisationId)
  if (members.length === 0) throw organisationNotFound()
  const opened: LedgerDetails = { type: 'organisation.unsealed', ...entry }
  for (const member of members)
    await updateVersion(all, act, organisations, member, { sealedAt: null }, opened)
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
