/**
 * Erasing a person: their key is shredded first, which no backup undoes; then what stands in the rows goes. If the rows
 * come back with a restored database, the tombstone beside the keys has them erased again.
 */
import { transaction, type Act } from '../../platform/act.ts'
import { beyond, type Tx } from '../../platform/database.ts'
import { forgetAnswersTo } from '../../platform/idempotency.ts'
import type { Tell } from '../../platform/jobs.ts'
import { record } from '../../platform/ledger.ts'
import { forbidden } from '../../platform/problems.ts'
import { demandVersion, revise } from '../../platform/revising.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { accessDelegate, holdCareOf } from '../actions.ts'
import { deleteIdentity } from '../identities/deleting.ts'
import { lockIdentity } from '../identities/queries.ts'
import { isSelf } from '../policy.ts'
import { deleteSecondFactor } from '../second-factor/actions.ts'
import { lockSecondFactor } from '../second-factor/queries.ts'
import { delegateNotFound } from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { delegates } from '../tables.ts'
import { endWhatTheyMade } from '../tokens/ending.ts'
import {
  delegatesStillHere,
  deleteSecretsOf,
  endMandate,
  forgetEvidence,
  forgetReasons,
  holdsLiveToken,
  nameOfErased,
  standingMandatesOf,
} from './queries.ts'

const tombstonesMax = 200
const personOf = (id: string) => ({ kind: 'person', id }) as const

type Locked = NonNullable<Awaited<ReturnType<typeof lockDelegate>>>

export function erasePerson(
  act: Act,
  vault: Vault,
  id: string,
  version: number | undefined,
): Promise<object> {
  return transaction(act, async (tx) => {
    const row = await lockDelegate(tx, id)
    await accessDelegate(tx, act.caller, id)
    if (!row) throw delegateNotFound()
    const mandateId = await holdRightToErase(tx, act, row)
    demandVersion(row, version)
    if (row.erasedAt !== null) return {}
    await vault.holdAlone(tx, personOf(id))
    // Not taken back when what follows fails: the tombstone then has it done by the job.
    await vault.erase(personOf(id), act.now)
    // Mandates and answers elsewhere, and the identity, are not shown to whoever only asks that all of it goes.
    await forgetPerson(beyond(tx), act, row, mandateId)
    return {}
  })
}

/** The person themselves; for those who have no token to say so with, those in whose care their entry is. */
async function holdRightToErase(tx: Tx, act: Act, row: Locked): Promise<string | null> {
  const mandateId = await holdCareOf(tx, act, row)
  if (isSelf(act.caller, row.id) || !(await holdsLiveToken(tx, row.id, act.now))) return mandateId
  throw forbidden(
    'This person holds a token of their own, and only they can erase themselves with it. Ask them.',
  )
}

/**
 * Called at the start and by a job: whoever was erased, and is here again from a backup, is erased again. Whoever cannot be
 * is told of and left for the next round.
 */
export async function eraseAgain(act: Act, vault: Vault, tell: Tell): Promise<void> {
  for (let last: string | undefined; ;) {
    const ids = await vault.store.erasedAfter(last, 'person', tombstonesMax)
    if (ids.length === 0) return
    for (const { id } of await delegatesStillHere(act.read, ids))
      await eraseOneAgain(act, vault, id).catch(tell)
    last = ids.at(-1)
  }
}

const eraseOneAgain = (act: Act, vault: Vault, id: string): Promise<object> =>
  transaction(act, async (tx) => {
    const row = await lockDelegate(tx, id)
    if (!row || row.erasedAt !== null) return {}
    await vault.holdAlone(tx, personOf(id))
    await forgetPerson(tx, act, row, null)
    return {}
  })

async function forgetPerson(tx: Tx, act: Act, row: Locked, mandateId: string | null): Promise<void> {
  const identity = await lockIdentity(tx, row.id)
  if (identity) await deleteIdentity(tx, act, identity, row.organisationId)
  const secondFactor = await lockSecondFactor(tx, row.id)
  if (secondFactor) await deleteSecondFactor(tx, act, secondFactor, row.organisationId)
  await endMandates(tx, act, row.id, mandateId)
  await forgetEvidence(tx, row.id)
  await forgetReasons(tx, row.id)
  await deleteSecretsOf(tx, row.id)
  await forgetAnswersTo(tx, row.id)
  const nobody = { displayName: nameOfErased, pseudonym: true, languages: [], erasedAt: act.now }
  const told = { type: 'delegate.erased', organisationId: row.organisationId, mandateId } as const
  await revise(tx, act, delegates, row, nobody, told)
}

async function endMandates(tx: Tx, act: Act, delegateId: string, byMandateId: string | null): Promise<void> {
  for (const held of await standingMandatesOf(tx, delegateId)) {
    const [move, to] =
      held.status === 'active' ? (['recall', 'recalled'] as const) : (['refuse', 'refused'] as const)
    await endMandate(tx, held.id, act.now, to)
    await record(tx, act, {
      type: 'mandate.moved',
      subjectId: held.id,
      subjectVersion: held.version + 1,
      organisationId: held.organisationId,
      mandateId: byMandateId,
      transition: { move, from: held.status, to },
    })
    await endWhatTheyMade(tx, act, held, byMandateId)
  }
}
