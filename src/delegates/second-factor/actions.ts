/** A second factor, and the quarter of an hour that a code of it opens for one token. */
import { eq } from 'drizzle-orm'
import type { Caller } from '../../platform/access.ts'
import { transaction, type Act } from '../../platform/act.ts'
import { minutesAfter } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { blindId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { revise } from '../../platform/revising.ts'
import { shredOlderKeys } from '../../platform/vault/rotation.ts'
import { person } from '../../platform/vault/subjects.ts'
import type { Place, Vault } from '../../platform/vault/vault.ts'
import { deleteIdentity } from '../identities/deleting.ts'
import { lockIdentity } from '../identities/queries.ts'
import {
  codeWrong,
  delegateNotFound,
  secondFactorExists,
  secondFactorMissing,
  secondFactorNeeded,
  tooManyCodes,
} from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { tokens } from '../tokens/tables.ts'
import { addressOf, newSecret, periodOf } from './codes.ts'
import { lockSecondFactor, secondFactorOf, type SecondFactorRow } from './queries.ts'
import { secondFactors } from './tables.ts'

export const elevationMinutes = 15
const failuresMax = 5
const failureMinutes = 15

type Person = Extract<Caller, { kind: 'delegate' }>

/** Throws unless a code was given with this token in the last quarter of an hour. */
export function demandElevation(caller: Caller): void {
  if (caller.kind !== 'delegate' || !caller.elevated) throw secondFactorNeeded()
}

export async function readSecondFactor(db: Db, caller: Caller) {
  const row = await secondFactorOf(db, personOf(caller).delegateId)
  return { createdAt: row?.createdAt ?? null, confirmedAt: row?.confirmedAt ?? null }
}

/** Makes a secret for an authenticator. One that was never confirmed is replaced. */
export function beginSecondFactor(act: Act, vault: Vault) {
  const { delegateId } = personOf(act.caller)
  return transaction(act, async (tx) => {
    const delegate = await lockDelegate(tx, delegateId)
    if (!delegate) throw delegateNotFound()
    const row = await lockSecondFactor(tx, delegateId)
    if (row?.confirmedAt) throw secondFactorExists()
    const seal = await vault.sealFor(tx, { kind: 'person', id: delegateId }, act.now)
    const text = newSecret()
    const { organisationId } = delegate
    if (row) {
      const change = { secret: seal(placeOf(row.id), text), createdAt: act.now }
      await revise(tx, act, secondFactors, row, change, { type: 'second_factor.begun_anew', organisationId })
    } else {
      const id = blindId()
      const columns = { id, createdAt: act.now, updatedAt: act.now, delegateId }
      await tx.insert(secondFactors).values({ ...columns, secret: seal(placeOf(id), text) })
      await record(tx, act, { type: 'second_factor.begun', subjectId: id, subjectVersion: 1, organisationId })
    }
    return { createdAt: act.now, secret: text, uri: addressOf(text) }
  })
}

/** The first right code confirms the factor; each opens what is private to this token for a while. */
export async function elevate(act: Act, vault: Vault, code: string): Promise<{ elevatedUntil: string }> {
  const { delegateId, tokenId } = personOf(act.caller)
  const elevatedUntil = minutesAfter(act.now, elevationMinutes)
  const { right } = await transaction(act, async (tx) => {
    const row = await lockSecondFactor(tx, delegateId)
    if (!row) throw secondFactorMissing()
    const failures = countedFailures(row, act.now)
    if (failures >= failuresMax)
      throw tooManyCodes(undefined, { retryAfterSeconds: secondsUntil(row, act.now) })
    const open = await vault.openFor({ kind: 'person', id: delegateId })
    const period = periodOf(await open(placeOf(row.id), row.secret), code, act.now)
    if (period === undefined || period <= row.lastPeriod) {
      await noteFailure(tx, act, row, failures)
      return { right: false }
    }
    await noteRight(tx, act, row, period)
    await tx.update(tokens).set({ elevatedUntil }).where(eq(tokens.id, tokenId))
    return { right: true }
  })
  // Said after the commit, or the wrong code would not be counted.
  if (!right) throw codeWrong()
  return { elevatedUntil }
}

/**
 * Without a code, for whoever lost the authenticator: so what it protected goes with it. A thief of the token destroys, and
 * learns nothing.
 */
export async function removeSecondFactor(act: Act, vault: Vault): Promise<void> {
  const { delegateId } = personOf(act.caller)
  await transaction(act, async (tx) => {
    const delegate = await lockDelegate(tx, delegateId)
    await vault.holdAlone(tx, person(delegateId))
    const row = await lockSecondFactor(tx, delegateId)
    if (!delegate || !row) throw secondFactorMissing()
    await vault.renew(tx, person(delegateId), act.now)
    const identity = await lockIdentity(tx, delegateId)
    if (identity) await deleteIdentity(tx, act, identity, delegate.organisationId)
    await deleteSecondFactor(tx, act, row, delegate.organisationId)
    await tx.update(tokens).set({ elevatedUntil: null }).where(eq(tokens.delegateId, delegateId))
    return {}
  })
  await shredOlderKeys(act, vault, person(delegateId))
}

export async function deleteSecondFactor(
  tx: Tx,
  act: Act,
  { id, version }: SecondFactorRow,
  organisationId: string,
): Promise<void> {
  await tx.delete(secondFactors).where(eq(secondFactors.id, id))
  const subject = { subjectId: id, subjectVersion: version + 1 }
  await record(tx, act, { type: 'second_factor.removed', ...subject, organisationId })
}

const placeOf = (row: string): Place => ({ table: 'second_factors', column: 'secret', row })

const countedFailures = (row: SecondFactorRow, now: string): number =>
  row.failuresUntil !== null && row.failuresUntil > now ? row.failures : 0

const secondsUntil = ({ failuresUntil }: SecondFactorRow, now: string): number =>
  Math.ceil((Date.parse(failuresUntil ?? now) - Date.parse(now)) / 1000)

const noteFailure = (tx: Tx, act: Act, row: SecondFactorRow, failures: number): Promise<void> =>
  revise(
    tx,
    act,
    secondFactors,
    row,
    { failures: failures + 1, failuresUntil: minutesAfter(act.now, failureMinutes) },
    { type: 'second_factor.refused', organisationId: row.organisationId },
  )

const noteRight = (tx: Tx, act: Act, row: SecondFactorRow, lastPeriod: number): Promise<void> =>
  revise(
    tx,
    act,
    secondFactors,
    row,
    { lastPeriod, confirmedAt: row.confirmedAt ?? act.now, failures: 0, failuresUntil: null },
    {
      type: row.confirmedAt === null ? 'second_factor.confirmed' : 'second_factor.given',
      organisationId: row.organisationId,
    },
  )

function personOf(caller: Caller): Person {
  // The routes let nobody else in.
  if (caller.kind !== 'delegate') throw secondFactorNeeded()
  return caller
}
