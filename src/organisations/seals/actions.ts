import { holdMandate, tellInstant, transaction, type Act } from '../../platform/act.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { beyond, type Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import { revise, type Told } from '../../platform/revising.ts'
import { concurrenceHours, personOf } from '../moving.ts'
import {
  concurrenceGiven,
  organisationNotFound,
  recovererMayNotLift,
  sealNotFound,
  sealSuccessor,
} from '../problems.ts'
import { holdCoordinator, lockReadable } from '../actions.ts'
import type { OrganisationKind } from '../lifecycle.ts'
import { holdAdministration } from '../standing/queries.ts'
import { nothingWaits, organisations } from '../tables.ts'
import { isAsked, mayRead, roleOf } from './policy.ts'
import {
  hasRecovered,
  lockStandingSeal,
  lockWithMerged,
  sealById,
  standingSeal,
  type SealRow,
} from './queries.ts'
import { seals } from './tables.ts'

/** What a seal ends, each feature ends itself: `app.ts` hands them in, for they stand to the right of this one. */
export type CutOff = (tx: Tx, act: Act, sealed: Sealed) => Promise<void>
export type Sealed = { organisationId: string; organisationIds: readonly string[]; mandateId: string | null }

export const readSeal = (act: Act, organisationId: string) =>
  transaction(act, async (tx) => present(await accessSeal(tx, act, organisationId), act.now))

async function accessSeal(tx: Tx, { caller, now }: Act, organisationId: string): Promise<SealRow> {
  await tellInstant(tx, now)
  const seal = await standingSeal(tx, organisationId)
  if (!seal || !mayRead(caller, seal, now)) throw sealNotFound()
  return seal
}

/** Asked twice, it answers twice the same: in an emergency nobody knows whether the first one arrived. */
export function sealOrganisation(act: Act, organisationId: string, cutOffs: readonly CutOff[]) {
  return transaction(act, async (tx) => {
    const { kind: organisationKind, mergedIntoId } = await lockReadable(tx, act, organisationId)
    // Its people are those of its successor: by that one's seal it is hidden, and they lift it.
    if (mergedIntoId !== null) throw sealSuccessor()
    const standing = await standingSeal(tx, organisationId)
    if (standing) return present(standing, act.now)
    const mandate = await holdMandate(tx, act, organisationId, 'administer')
    const by = { organisationId, mandateId: mandate.id }
    const members = await lockWithMerged(tx, organisationId)
    const told = { type: 'organisation.sealed', ...by } as const
    const change = { sealedAt: act.now, ...nothingWaits }
    for (const member of members) await revise(tx, act, organisations, member, change, told)
    const id = await insertSeal(tx, act, { ...by, organisationKind })
    for (const cutOff of cutOffs)
      await cutOff(tx, act, { ...by, organisationIds: members.map((member) => member.id) })
    return present((await sealById(tx, id)) as SealRow, act.now)
  })
}

/** The first word is that of its own people; the second another's, of theirs or of who may vouch for others. */
export function liftSeal(act: Act, organisationId: string) {
  return transaction(act, async (tx) => {
    await accessSeal(tx, act, organisationId)
    // Who may agree to lift it may not change it before.
    const seal = await lockStandingSeal(beyond(tx), organisationId)
    if (!seal) throw sealNotFound()
    const mandateId = await holdRight(tx, act, seal)
    if (await holdFirstWord(beyond(tx), seal, act.now)) await lift(tx, act, seal, mandateId)
    else await askToLift(tx, act, seal, mandateId)
    return present((await sealById(beyond(tx), seal.id)) as SealRow, act.now)
  })
}

type NewSeal = { organisationId: string; organisationKind: OrganisationKind; mandateId: string | null }

async function insertSeal(tx: Tx, act: Act, { mandateId, ...sealed }: NewSeal): Promise<string> {
  const id = blindId()
  const instants = { createdAt: act.now, updatedAt: act.now }
  await tx.insert(seals).values({ id, ...instants, ...sealed, sealedById: personOf(act) })
  const { organisationId } = sealed
  await record(tx, act, { type: 'seal.set', subjectId: id, subjectVersion: 1, organisationId, mandateId })
  return id
}

/** The mandate by which the caller has a part in it, held; the operator has none. Throws 403 for anybody else. */
async function holdRight(tx: Tx, act: Act, seal: SealRow): Promise<string | null> {
  const role = roleOf(act.caller, seal)
  if (role === 'operator') return null
  const mandate =
    role === 'coordinator'
      ? await holdCoordinator(tx, act)
      : await holdAdministration(tx, personOf(act), seal.organisationId, act.now)
  if (!mandate) throw forbidden('This is for who administers the organisation. Ask its secretary.')
  return mandate.id
}

/** Whoever asked administers it still, though the seal keeps them from all else. */
async function holdFirstWord(tx: Tx, seal: SealRow, now: string): Promise<boolean> {
  const { liftAskedById, organisationId } = seal
  if (liftAskedById === null || !isAsked(seal, now)) return false
  return (await holdAdministration(tx, liftAskedById, organisationId, now)) !== undefined
}

async function askToLift(tx: Tx, act: Act, seal: SealRow, mandateId: string | null): Promise<void> {
  // Whose word it was that waited has lost the mandate: for all others there is nothing to agree to.
  if (mandateId === null || roleOf(act.caller, seal) !== 'representative') throw sealNotFound()
  const change = {
    liftAskedById: personOf(act),
    liftAskedMandateId: mandateId,
    liftAskedUntil: hoursAfter(act.now, concurrenceHours),
  }
  const { organisationId } = seal
  await revise(tx, act, seals, seal, change, { type: 'seal.lifting_asked', organisationId, mandateId })
}

async function lift(tx: Tx, act: Act, seal: SealRow, mandateId: string | null): Promise<void> {
  const liftedById = act.caller.kind === 'operator' ? act.caller.tokenId : personOf(act)
  if (liftedById === seal.liftAskedById) throw concurrenceGiven()
  if (await hasRecovered(beyond(tx), liftedById, seal)) throw recovererMayNotLift()
  const { organisationId } = seal
  const told = { organisationId, mandateId }
  // The second word may be of somebody for whom the organisation is not there before it is given.
  const all = beyond(tx)
  await revise(all, act, seals, seal, { liftedById, liftedAt: act.now }, { type: 'seal.lifted', ...told })
  const members = await lockWithMerged(all, organisationId)
  if (members.length === 0) throw organisationNotFound()
  const opened: Told = { type: 'organisation.unsealed', ...told }
  for (const member of members) await revise(all, act, organisations, member, { sealedAt: null }, opened)
}

function present(seal: SealRow, now: string) {
  const waiting = isAsked(seal, now)
  const open = waiting ? ('lifting' as const) : ('sealed' as const)
  return {
    ...seal,
    status: seal.liftedAt === null ? open : ('lifted' as const),
    liftAskedUntil: waiting ? seal.liftAskedUntil : null,
  }
}
