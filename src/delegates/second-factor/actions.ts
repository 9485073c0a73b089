/** Second factors, and the 15 minutes for which a code elevates one token. */
import { eq } from 'drizzle-orm'
import type { Caller } from '../../platform/access.ts'
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { minutesAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import { deleteOlderKeys } from '../../platform/vault/rotation.ts'
import { person } from '../../platform/vault/subjects.ts'
import type { Place, Vault } from '../../platform/vault/vault.ts'
import { revokeDisclosuresBy } from '../disclosures/revocation.ts'
import { deleteIdentity } from '../identities/delete-identity.ts'
import { lockIdentity } from '../identities/queries.ts'
import {
  codeWrong,
  delegateNotFound,
  secondFactorExists,
  secondFactorMissing,
  secondFactorNeeded,
  secondFactorTooNew,
  tooManyCodes,
} from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { requireCooledOff } from '../tokens/cooling-off.ts'
import { tokens } from '../tokens/tables.ts'
import { otpauthUri, newSecret, periodOf } from './codes.ts'
import { lockedUntil, hoursUntilOthersOpen, opensOthersAt } from './policy.ts'
import { lockSecondFactorShared, lockSecondFactor, secondFactorOf, type SecondFactorRow } from './queries.ts'
import { secondFactors } from './tables.ts'

export const elevationMinutes = 15

type Person = Extract<Caller, { kind: 'delegate' }>

/** What the loss of a factor ends in each feature: see `reactions` in the manifests. */
export type OnFactorLost = (tx: Tx, context: ActionContext, delegateId: string) => Promise<void>

/** Throws 403 unless a code was given with this token in the last 15 minutes. */
export function requireElevation(caller: Caller): void {
  if (caller.kind !== 'delegate' || !caller.elevated) throw secondFactorNeeded()
}

/** The same, read again before a write, because the factor may have been removed during the request. */
export async function requireFactor(db: Db, context: ActionContext): Promise<SecondFactorRow> {
  requireElevation(context.caller)
  const row = await secondFactorOf(db, requirePerson(context.caller).delegateId)
  if (!row?.confirmedAt) throw secondFactorNeeded()
  return row
}

/** Requires a factor older than 48 hours: for identities and itineraries of others, and for acting as a coordinator. */
export async function requireElevationForOthers(db: Db, context: ActionContext) {
  const opensAt = opensOthersAt(await requireFactor(db, context))
  if (opensAt !== null && opensAt <= context.now) return
  throw secondFactorTooNew(
    `Your second factor opens this from ${opensAt}, ${hoursUntilOthersOpen} hours after its first code. ${secondFactorTooNew.kind.advice}`,
  )
}

/** The same, with a lock on the factor: its loss, which revokes what is written here, comes before or after. */
export async function lockElevationForOthers(tx: Tx, context: ActionContext): Promise<void> {
  await lockSecondFactorShared(tx, requirePerson(context.caller).delegateId)
  await requireElevationForOthers(tx, context)
}

export async function readSecondFactor(db: Db, context: ActionContext) {
  const row = await secondFactorOf(db, requirePerson(context.caller).delegateId)
  if (!row) return { createdAt: null, confirmedAt: null, opensOthersAt: null }
  return { createdAt: row.createdAt, confirmedAt: row.confirmedAt, opensOthersAt: opensOthersAt(row) }
}

/** Creates a secret for an authenticator. Replaces one that was never confirmed. */
export function beginSecondFactor(context: ActionContext, vault: Vault) {
  const { delegateId } = requirePerson(context.caller)
  return transaction(context, async (tx) => {
    const delegate = await lockDelegate(tx, delegateId)
    if (!delegate) throw delegateNotFound()
    const row = await lockSecondFactor(tx, delegateId)
    if (row?.confirmedAt) throw secondFactorExists()
    const encrypt = await vault.encryptFor(tx, { kind: 'person', id: delegateId }, context.now)
    const text = newSecret()
    const { organisationId } = delegate
    if (row) {
      const change = { secret: encrypt(placeOf(row.id), text), createdAt: context.now }
      await updateVersion(tx, context, secondFactors, row, change, {
        type: 'second_factor.begun_anew',
        organisationId,
      })
    } else {
      const id = randomId()
      const columns = { id, createdAt: context.now, updatedAt: context.now, delegateId }
      await tx.insert(secondFactors).values({ ...columns, secret: encrypt(placeOf(id), text) })
      record(tx, context, {
        type: 'second_factor.begun',
        subjectId: id,
        subjectVersion: 1,
        organisationId,
      })
    }
    return { createdAt: context.now, secret: text, uri: otpauthUri(text) }
  })
}

/** Elevates the token for a correct code. The first one confirms the factor. */
export async function elevate(
  context: ActionContext,
  vault: Vault,
  code: string,
): Promise<{ elevatedUntil: string }> {
  const { delegateId, tokenId } = requirePerson(context.caller)
  const elevatedUntil = minutesAfter(context.now, elevationMinutes)
  const { right } = await transaction(context, async (tx) => {
    const row = await lockSecondFactor(tx, delegateId)
    if (!row) throw secondFactorMissing()
    if (row.failuresUntil !== null && row.failuresUntil > context.now)
      throw tooManyCodes(undefined, { retryAfterSeconds: secondsBetween(context.now, row.failuresUntil) })
    const decrypt = await vault.decryptFor({ kind: 'person', id: delegateId })
    const period = periodOf(await decrypt(placeOf(row.id), row.secret), code, context.now)
    if (period === undefined) {
      await recordFailure(tx, context, row)
      return { right: false }
    }
    // A repeated code was not guessed: its answer was lost, or it was sent twice. It counts neither as correct nor as
    // wrong.
    if (period <= row.lastPeriod) return { right: false }
    await recordSuccess(tx, context, row, period)
    await tx.update(tokens).set({ elevatedUntil }).where(eq(tokens.id, tokenId))
    return { right: true }
  })
  // Thrown after the commit, because a rollback would not count the wrong code.
  if (!right) throw codeWrong()
  return { elevatedUntil }
}

/**
 * Removes a factor without a code, because the person may have lost the authenticator. So it also deletes the identity
 * and the access to others. A thief with a token can only delete, and learns nothing; for the token of an
 * administrator's link even that waits.
 */
export async function removeSecondFactor(
  context: ActionContext,
  vault: Vault,
  onFactorLost: readonly OnFactorLost[],
): Promise<void> {
  const { delegateId } = requirePerson(context.caller)
  await transaction(context, async (tx) => {
    const delegate = await lockDelegate(tx, delegateId)
    await vault.lockSubject(tx, person(delegateId))
    const row = await lockSecondFactor(tx, delegateId)
    if (!delegate || !row) throw secondFactorMissing()
    await requireCooledOff(tx, context)
    await vault.renew(tx, person(delegateId), context.now)
    // Locked before the consents, in the same order as in a consent.
    const identity = await lockIdentity(tx, delegateId)
    if (identity) await deleteIdentity(tx, context, identity, delegate.organisationId)
    await revokeDisclosuresBy(tx, context, delegateId)
    for (const react of onFactorLost) await react(tx, context, delegateId)
    await deleteSecondFactor(tx, context, row, delegate.organisationId)
    await tx.update(tokens).set({ elevatedUntil: null }).where(eq(tokens.delegateId, delegateId))
    return {}
  })
  await deleteOlderKeys(context, vault, person(delegateId))
}

export async function deleteSecondFactor(
  tx: Tx,
  context: ActionContext,
  { id, version }: SecondFactorRow,
  organisationId: string,
): Promise<void> {
  await tx.delete(secondFactors).where(eq(secondFactors.id, id))
  const subject = { subjectId: id, subjectVersion: version + 1 }
  record(tx, context, { type: 'second_factor.removed', ...subject, organisationId })
}

const placeOf = (row: string): Place => ({ table: 'second_factors', column: 'secret', row })

const secondsBetween = (from: string, to: string): number =>
  Math.ceil((Date.parse(to) - Date.parse(from)) / 1000)

function recordFailure(tx: Tx, context: ActionContext, row: SecondFactorRow): Promise<void> {
  const failures = row.failures + 1
  const change = { failures, failuresUntil: lockedUntil(failures, context.now) }
  const entry = { type: 'second_factor.refused', organisationId: row.organisationId } as const
  return updateVersion(tx, context, secondFactors, row, change, entry)
}

const recordSuccess = (
  tx: Tx,
  context: ActionContext,
  row: SecondFactorRow,
  lastPeriod: number,
): Promise<void> =>
  updateVersion(
    tx,
    context,
    secondFactors,
    row,
    { lastPeriod, confirmedAt: row.confirmedAt ?? context.now, failures: 0, failuresUntil: null },
    {
      type: row.confirmedAt === null ? 'second_factor.confirmed' : 'second_factor.given',
      organisationId: row.organisationId,
    },
  )

export function requirePerson(caller: Caller): Person {
  // The routes admit only delegates.
  if (caller.kind !== 'delegate') throw secondFactorNeeded()
  return caller
}
