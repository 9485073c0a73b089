import { eq } from 'drizzle-orm'
import { requireMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import {
  requireVersion,
  alreadyHolds,
  updateVersion,
  type Precondition,
} from '../../platform/ledger/versioned-update.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import { unlessDamaged } from '../../platform/vault/problems.ts'
import { deleteOlderKeys } from '../../platform/vault/rotation.ts'
import { organisation, visit as keyOfVisit, type Subject } from '../../platform/vault/subjects.ts'
import type { Place, Vault } from '../../platform/vault/vault.ts'
import { requireElevationForOthers } from '../../delegates/second-factor/actions.ts'
import { requireReadableVisit, lockReadableVisit } from '../actions.ts'
import { isCalledOff } from '../policy.ts'
import { itineraryNotFound, visitCalledOff } from '../problems.ts'
import { mayReadItinerary } from './policy.ts'
import {
  deleteExpired,
  itineraryOf,
  lockItinerary,
  expiredItineraries,
  takesPartIn,
  type ItineraryRow,
} from './queries.ts'
import type { WriteItinerary } from './schemas.ts'
import { itineraries } from './tables.ts'

const placeOf = (row: string): Place => ({ table: 'itineraries', column: 'items', row })

export async function readItinerary(db: Db, context: ActionContext, visitId: string, vault: Vault) {
  const { caller } = context
  const visit = await requireReadableVisit(db, context, visitId)
  const takesPart = caller.kind === 'delegate' && (await takesPartIn(db, visitId, caller.delegateId))
  if (!mayReadItinerary(caller, visit, takesPart)) throw readForbidden()
  await requireElevationForOthers(db, context)
  const [decryptOwn, decryptOlder] = await Promise.all([
    vault.decryptFor(keyOfVisit(visitId)),
    vault.decryptFor(organisation(visit.hostId)),
  ])
  const row = await itineraryOf(db, visitId)
  if (!row) throw itineraryNotFound()
  const { id, version, createdAt, updatedAt } = row
  const decrypt = row.byKeyOfVisit ? decryptOwn : decryptOlder
  const items = JSON.parse(await decrypt(placeOf(id), row.items)) as WriteItinerary['items']
  return { id, version, createdAt, updatedAt, url: `/v1/visits/${visitId}/itinerary`, items }
}

const readForbidden = () =>
  forbidden(
    'Only participants of the visit and the host can read the itinerary. Ask the host for what you need.',
  )
const writeForbidden = () =>
  forbidden('Only a delegate of the host with the power "visit" can write the itinerary. Ask one.')

/** Checks the mandate before the second factor, so that nobody is asked for a code in vain. */
async function requireHost(tx: Tx, context: ActionContext, hostId: string) {
  const mandate = await requireMandate(tx, context, hostId, 'visit', writeForbidden)
  await requireElevationForOthers(tx, context)
  return mandate
}

/** Replaces the whole itinerary. `version` contains If-Match and If-None-Match, if they were sent. */
export function writeItinerary(
  context: ActionContext,
  vault: Vault,
  visitId: string,
  version: Precondition,
  input: WriteItinerary,
) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, visitId)
    const { hostId } = visit
    const { id: mandateId } = await requireHost(tx, context, hostId)
    if (isCalledOff(visit)) throw visitCalledOff()
    const encrypt = await vault.encryptFor(tx, keyOfVisit(visitId), context.now)
    const row = await lockItinerary(tx, visitId)
    const id = row?.id ?? randomId()
    const items = encrypt(placeOf(id), JSON.stringify(input.items))
    const by = { organisationId: hostId, mandateId, details: { visitId } }
    requireVersion(row, version)
    if (row) {
      const before = await unlessDamaged(readItinerary(tx, context, visitId, vault))
      // An older itinerary under the organisation's key is always rewritten with the key of the visit.
      if (before && row.byKeyOfVisit && alreadyHolds(before, input)) return before
      await updateVersion(
        tx,
        context,
        itineraries,
        row,
        { items, byKeyOfVisit: true },
        { type: 'itinerary.changed', ...by },
      )
    } else {
      await tx.insert(itineraries).values({
        id,
        createdAt: context.now,
        updatedAt: context.now,
        visitId,
        hostId,
        items,
        byKeyOfVisit: true,
      })
      record(tx, context, { type: 'itinerary.written', subjectId: id, subjectVersion: 1, ...by })
    }
    return readItinerary(tx, context, visitId, vault)
  })
}

export async function removeItinerary(
  context: ActionContext,
  vault: Vault,
  visitId: string,
  version: Precondition,
): Promise<void> {
  const { key } = await transaction(context, async (tx) => {
    const { hostId } = await lockReadableVisit(tx, context, visitId)
    const { id: mandateId } = await requireHost(tx, context, hostId)
    await vault.lockSubject(tx, keyOfVisit(visitId))
    const row = await lockItinerary(tx, visitId)
    if (!row) throw itineraryNotFound()
    requireVersion(row, version)
    await vault.renew(tx, keyOf(row), context.now)
    await tx.delete(itineraries).where(eq(itineraries.id, row.id))
    const subject = { subjectId: row.id, subjectVersion: row.version + 1 }
    record(tx, context, { type: 'itinerary.removed', ...subject, organisationId: hostId, mandateId })
    return { key: keyOf(row) }
  })
  await deleteOlderKeys(context, vault, key)
}

/**
 * Deletes the itinerary with its visit, which the caller has locked. The visiting side may cause this, although it may not
 * read the itinerary. Returns whose key was renewed, for `deleteOlderKeys` after the commit.
 */
export async function deleteItinerary(
  tx: Tx,
  context: ActionContext,
  vault: Vault,
  visitId: string,
): Promise<Subject | undefined> {
  const service = bypassRls(tx)
  const row = await itineraryOf(service, visitId)
  if (!row) return undefined
  // Before the row is locked, as a rotation does it.
  await vault.renew(tx, keyOf(row), context.now)
  const [forgotten] = await service.delete(itineraries).where(eq(itineraries.id, row.id)).returning()
  if (!forgotten) return undefined
  const subject = { subjectId: row.id, subjectVersion: forgotten.version + 1 }
  record(tx, context, { type: 'itinerary.forgotten', ...subject, organisationId: row.hostId })
  return keyOf(row)
}

/** Called by a job, when the visit has been over for as long as an itinerary is kept. */
export const itineraryDeletionSweep = (vault: Vault): Sweep => ({
  due: expiredItineraries,
  carryOut: async (tx, context, id) => {
    const row = await deleteExpired(tx, id, context.now)
    if (!row) return false
    // The job of the vault then shreds the older key.
    await vault.renew(tx, keyOf(row), context.now)
    const subject = { subjectId: id, subjectVersion: row.version + 1 }
    record(tx, context, { type: 'itinerary.forgotten', ...subject, organisationId: row.hostId })
    return true
  },
})

const keyOf = ({ visitId, hostId, byKeyOfVisit }: ItineraryRow): Subject =>
  byKeyOfVisit ? keyOfVisit(visitId) : organisation(hostId)
