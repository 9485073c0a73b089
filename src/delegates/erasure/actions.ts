/**
 * Erasure of a person: shreds their key first, which no backup undoes, then deletes or clears their rows. If a restored
 * database brings rows back, the tombstone beside the keys triggers another erasure.
 */
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { emptyAnswers, deleteAnswersTo } from '../../platform/actions/idempotency.ts'
import type { Report } from '../../platform/jobs/queue.ts'
import { deleteReasonsOf } from '../../platform/ledger/reasons.ts'
import { forbidden } from '../../platform/problems.ts'
import { requireVersion, updateVersion, type Precondition } from '../../platform/ledger/versioned-update.ts'
import { isUnavailable } from '../../platform/database/sqlstate.ts'
import { person } from '../../platform/vault/subjects.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { accessDelegate, requireSelfOrAdministrator } from '../actions.ts'
import { clearDisclosureReasonsOf } from '../disclosures/retention.ts'
import { deleteIdentity } from '../identities/delete-identity.ts'
import { lockIdentity, type IdentityRow } from '../identities/queries.ts'
import { revokeMandatesOf } from '../mandates/actions.ts'
import { lockOrganisationsOf } from '../mandates/queries.ts'
import { isSelf } from '../policy.ts'
import { deleteSecondFactor, requireElevation } from '../second-factor/actions.ts'
import { lockSecondFactor, secondFactorOf } from '../second-factor/queries.ts'
import { delegateNotFound } from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { clearRecoveryReasonsOf } from '../recoveries/retention.ts'
import { delegates } from '../tables.ts'
import { requireCooledOff, heldTokenRecently } from '../tokens/cooling-off.ts'
import { restoredDelegates, deleteSecretsOf, clearEvidence, nameOfErased } from './queries.ts'

const tombstonesMax = 200

/** What an erasure ends in each feature: see `reactions` in the manifests. */
export type OnErasure = (tx: Tx, context: ActionContext, delegateId: string) => Promise<void>
export type ErasureParts = { vault: Vault; onErasure: readonly OnErasure[] }

type LockedDelegate = NonNullable<Awaited<ReturnType<typeof lockDelegate>>>

/** Erases a person. A repeated request deletes again what came back in between. */
export function erasePerson(
  context: ActionContext,
  erasing: ErasureParts,
  id: string,
  version: Precondition,
): Promise<object> {
  return transaction(context, async (tx) => {
    await accessDelegate(tx, context, id)
    // Bypasses RLS, because the caller may not see where else the person holds a mandate.
    const row = await lockPerson(bypassRls(tx), id)
    if (!row) throw delegateNotFound()
    const mandateId = await requireRightToErase(tx, context, row)
    requireVersion(row, version)
    await deletePerson(bypassRls(tx), context, erasing, row, mandateId)
    return {}
  })
}

/** Requires the person, or, for a person who has had no token for 30 days, an administrator of their organisation. */
async function requireRightToErase(
  tx: Tx,
  context: ActionContext,
  row: LockedDelegate,
): Promise<string | null> {
  const mandateId = await requireSelfOrAdministrator(tx, context, row)
  if (isSelf(context.caller, row.id)) {
    await requireElevationIfSecured(tx, context, row.id)
    await requireCooledOff(tx, context)
    return mandateId
  }
  if (!(await heldTokenRecently(tx, row.id, context.now))) return mandateId
  throw forbidden(
    'This person holds a token, or held one in the last 30 days, so only they can erase themselves. Ask them.',
  )
}

/** Requires a code if the person has a second factor, so that a stolen token alone cannot erase them. */
async function requireElevationIfSecured(tx: Tx, context: ActionContext, id: string): Promise<void> {
  if ((await secondFactorOf(tx, id))?.confirmedAt) requireElevation(context.caller)
}

/** Erases people again after a restored backup brought them back. Called at the start and by a job. */
export async function eraseAfterRestore(
  context: ActionContext,
  erasing: ErasureParts,
  report: Report,
): Promise<void> {
  for (let last: string | undefined; ;) {
    const ids = await erasing.vault.store.erasedAfter(last, 'person', tombstonesMax)
    if (ids.length === 0) return
    for (const { id } of await restoredDelegates(context.read, ids))
      await eraseRestoredPerson(context, erasing, id, report)
    last = ids.at(-1)
  }
}

/** A failure for one person does not stop the others; the job tries again within the hour. */
async function eraseRestoredPerson(
  context: ActionContext,
  erasing: ErasureParts,
  id: string,
  report: Report,
): Promise<void> {
  const work = async (tx: Tx): Promise<object> => {
    const row = await lockPerson(tx, id)
    if (row) await deletePerson(tx, context, erasing, row, null)
    return {}
  }
  await transaction(context, work).catch((error: unknown) => {
    if (isUnavailable(error)) throw error
    report(error)
  })
}

/** Locks the organisations first, in the same order as a recall does. */
async function lockPerson(tx: Tx, id: string): Promise<LockedDelegate | undefined> {
  await lockOrganisationsOf(tx, id)
  return lockDelegate(tx, id)
}

async function deletePerson(
  tx: Tx,
  context: ActionContext,
  { vault, onErasure }: ErasureParts,
  row: LockedDelegate,
  mandateId: string | null,
): Promise<void> {
  // Steps that may be refused come before steps that cannot be undone.
  await revokeMandatesOf(tx, context, row.id, mandateId)
  await vault.lockSubject(tx, person(row.id))
  // Locked before the consents, in the same order as in a consent.
  const identity = await lockIdentity(tx, row.id)
  for (const react of onErasure) await react(tx, context, row.id)
  // A later failure does not undo this; the tombstone then makes the job finish the erasure.
  await vault.erase(person(row.id), context.now)
  await deletePrivateData(tx, context, row, identity)
  await clearEvidence(tx, row.id)
  await clearDisclosureReasonsOf(tx, row.id)
  await clearRecoveryReasonsOf(tx, row.id)
  await deleteReasonsOf(tx, row.id)
  await deleteSecretsOf(tx, row.id)
  await deleteAnswersTo(tx, row.id)
  await emptyAnswers(tx)
  const erasedAt = row.erasedAt ?? context.now
  const nobody = { displayName: nameOfErased, pseudonym: true, languages: [], erasedAt }
  const entry = { type: 'delegate.erased', organisationId: row.organisationId, mandateId } as const
  await updateVersion(tx, context, delegates, row, nobody, entry)
}

async function deletePrivateData(
  tx: Tx,
  context: ActionContext,
  row: LockedDelegate,
  identity: IdentityRow | undefined,
): Promise<void> {
  if (identity) await deleteIdentity(tx, context, identity, row.organisationId)
  const secondFactor = await lockSecondFactor(tx, row.id)
  if (secondFactor) await deleteSecondFactor(tx, context, secondFactor, row.organisationId)
}
