/**
 * Erasing a person: their key is shredded first, which no backup undoes; then what stands in the rows goes. If the rows
 * come back with a restored database, the tombstone beside the keys has them erased again.
 */
import { transaction, type Act } from '../../platform/act.ts'
import { beyond, type Tx } from '../../platform/database.ts'
import { emptyAnswers, forgetAnswersTo } from '../../platform/idempotency.ts'
import type { Tell } from '../../platform/jobs.ts'
import { forgetReasonsOf } from '../../platform/ledger-reasons.ts'
import type { Precondition } from '../../platform/preconditions.ts'
import { forbidden } from '../../platform/problems.ts'
import { demandVersion, revise } from '../../platform/revising.ts'
import { isUnavailable } from '../../platform/sqlstate.ts'
import { person } from '../../platform/vault/subjects.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { accessDelegate, holdCareOf } from '../actions.ts'
import { forgetDisclosureReasonsOf } from '../disclosures/forgetting.ts'
import { deleteIdentity } from '../identities/deleting.ts'
import { lockIdentity, type IdentityRow } from '../identities/queries.ts'
import { endMandatesOf } from '../mandates/actions.ts'
import { lockOrganisationsOf } from '../mandates/queries.ts'
import { isSelf } from '../policy.ts'
import { deleteSecondFactor, demandElevation } from '../second-factor/actions.ts'
import { lockSecondFactor, secondFactorOf } from '../second-factor/queries.ts'
import { delegateNotFound } from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { forgetRecoveryReasonsOf } from '../recoveries/forgetting.ts'
import { delegates } from '../tables.ts'
import { demandSettled, heldTokenLately } from '../tokens/settling.ts'
import { delegatesStillHere, deleteSecretsOf, forgetEvidence, nameOfErased } from './queries.ts'

const tombstonesMax = 200

/** What a person takes part in elsewhere, each feature ends itself: `app.ts` hands that in. */
export type Departure = (tx: Tx, act: Act, delegateId: string) => Promise<void>
export type Erasing = { vault: Vault; departures: readonly Departure[] }

type Locked = NonNullable<Awaited<ReturnType<typeof lockDelegate>>>

/** Asked again, it goes over everything again: what came back in between goes. */
export function erasePerson(act: Act, erasing: Erasing, id: string, version: Precondition): Promise<object> {
  return transaction(act, async (tx) => {
    await accessDelegate(tx, act.caller, id)
    // Where else they hold a mandate is not shown to whoever only asks that all of it goes.
    const row = await lockPerson(beyond(tx), id)
    if (!row) throw delegateNotFound()
    const mandateId = await holdRightToErase(tx, act, row)
    demandVersion(row, version)
    await forgetPerson(beyond(tx), act, erasing, row, mandateId)
    return {}
  })
}

/** The person themselves; for those who have long had no token to say so with, those in whose care their entry is. */
async function holdRightToErase(tx: Tx, act: Act, row: Locked): Promise<string | null> {
  const mandateId = await holdCareOf(tx, act, row)
  if (isSelf(act.caller, row.id)) {
    await demandElevationIfSecured(tx, act, row.id)
    await demandSettled(tx, act)
    return mandateId
  }
  if (!(await heldTokenLately(tx, row.id, act.now))) return mandateId
  throw forbidden(
    'This person holds a token of their own, or held one in the last 30 days, and only they can erase themselves with it. Ask them.',
  )
}

/** A stolen token destroys nobody who has a second factor; who has none needs none. */
async function demandElevationIfSecured(tx: Tx, act: Act, id: string): Promise<void> {
  if ((await secondFactorOf(tx, id))?.confirmedAt) demandElevation(act.caller)
}

/** Called at the start and by a job: whoever was erased, and is here again from a backup, is erased again. */
export async function eraseAgain(act: Act, erasing: Erasing, tell: Tell): Promise<void> {
  for (let last: string | undefined; ;) {
    const ids = await erasing.vault.store.erasedAfter(last, 'person', tombstonesMax)
    if (ids.length === 0) return
    for (const { id } of await delegatesStillHere(act.read, ids)) await eraseOneAgain(act, erasing, id, tell)
    last = ids.at(-1)
  }
}

/** One who cannot be erased keeps nobody else from it, and is tried again within the hour. */
async function eraseOneAgain(act: Act, erasing: Erasing, id: string, tell: Tell): Promise<void> {
  const work = async (tx: Tx): Promise<object> => {
    const row = await lockPerson(tx, id)
    if (row) await forgetPerson(tx, act, erasing, row, null)
    return {}
  }
  await transaction(act, work).catch((error: unknown) => {
    if (isUnavailable(error)) throw error
    tell(error)
  })
}

/** The organisations first: whoever recalls somebody there locks them in this order too. */
async function lockPerson(tx: Tx, id: string): Promise<Locked | undefined> {
  await lockOrganisationsOf(tx, id)
  return lockDelegate(tx, id)
}

async function forgetPerson(
  tx: Tx,
  act: Act,
  { vault, departures }: Erasing,
  row: Locked,
  mandateId: string | null,
): Promise<void> {
  // What may be refused comes before what cannot be undone.
  await endMandatesOf(tx, act, row.id, mandateId)
  await vault.holdAlone(tx, person(row.id))
  // Before the consents, which whoever gives one holds in the same order.
  const identity = await lockIdentity(tx, row.id)
  for (const depart of departures) await depart(tx, act, row.id)
  // Not taken back when what follows fails: the tombstone then has it done by the job.
  await vault.erase(person(row.id), act.now)
  await forgetPrivate(tx, act, row, identity)
  await forgetEvidence(tx, row.id)
  await forgetDisclosureReasonsOf(tx, row.id)
  await forgetRecoveryReasonsOf(tx, row.id)
  await forgetReasonsOf(tx, row.id)
  await deleteSecretsOf(tx, row.id)
  await forgetAnswersTo(tx, row.id)
  await emptyAnswers(tx)
  const erasedAt = row.erasedAt ?? act.now
  const nobody = { displayName: nameOfErased, pseudonym: true, languages: [], erasedAt }
  const told = { type: 'delegate.erased', organisationId: row.organisationId, mandateId } as const
  await revise(tx, act, delegates, row, nobody, told)
}

async function forgetPrivate(
  tx: Tx,
  act: Act,
  row: Locked,
  identity: IdentityRow | undefined,
): Promise<void> {
  if (identity) await deleteIdentity(tx, act, identity, row.organisationId)
  const secondFactor = await lockSecondFactor(tx, row.id)
  if (secondFactor) await deleteSecondFactor(tx, act, secondFactor, row.organisationId)
}
