/**
 * Reading the identity of another person: needs an elevated token, counts against a daily limit, and is visible to the
 * person.
 */
import { setInstant, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf, daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { openIdentity } from '../identities/actions.ts'
import { identityBudgetSpent, othersIdentityMissing } from '../problems.ts'
import { requireElevationForOthers, requirePerson } from '../second-factor/actions.ts'
import { serialiseReadsBy, readsSince, isSpentBudgetReported } from './queries.ts'
import { identityReads } from './tables.ts'

export const readsPerDay = 50

/** By what right the identity is read, whose it is, and the organisation that added the person. */
export type IdentityReadGround = { delegateId: string; organisationId: string } & (
  { participantId: string } | { disclosureId: string }
)

/**
 * Reads an identity on the ground that `find` returns; `find` throws if the caller has none. Throws 429 above the daily
 * limit.
 */
export async function readOthersIdentity(
  context: ActionContext,
  vault: Vault,
  requireGround: (tx: Tx) => Promise<IdentityReadGround>,
) {
  const identity = await transaction(context, async (tx) => {
    const ground = await requireGround(tx)
    await requireElevationForOthers(tx, context)
    const readerId = requirePerson(context.caller).delegateId
    await serialiseReadsBy(tx, readerId)
    const reads = await readsSince(tx, readerId, startOfDay(context.now))
    if (reads >= readsPerDay) {
      await reportSpentBudget(tx, context, readerId, ground)
      return { spent: true as const }
    }
    await setInstant(tx, context.now)
    const opened = await openIdentity(tx, vault, ground.delegateId)
    if (!opened) throw othersIdentityMissing()
    await recordRead(tx, context, readerId, ground)
    return { spent: false as const, opened }
  })
  // Thrown after the commit, because a rollback would remove the attempt from the ledger.
  if (identity.spent)
    throw identityBudgetSpent(undefined, { retryAfterSeconds: secondsLeftOfDay(context.now) })
  return identity.opened
}

async function recordRead(
  tx: Tx,
  context: ActionContext,
  readerId: string,
  ground: IdentityReadGround,
): Promise<void> {
  const { organisationId, ...by } = ground
  const id = timeOrderedId()
  await tx.insert(identityReads).values({ id, createdAt: context.now, readerId, ...by })
  const subject = { subjectId: id, subjectVersion: 1 }
  record(tx, context, { type: 'identity_read.made', ...subject, organisationId, details: by })
}

/** Records the reached limit once a day, so that repeated attempts do not fill the ledger. */
async function reportSpentBudget(
  tx: Tx,
  context: ActionContext,
  readerId: string,
  { organisationId, delegateId }: IdentityReadGround,
): Promise<void> {
  if (await isSpentBudgetReported(tx, readerId, startOfDay(context.now))) return
  const entry = { type: 'identity_budget.spent', subjectId: readerId, subjectVersion: 1 } as const
  record(tx, context, { ...entry, organisationId, details: { delegateId } })
}

const startOfDay = (now: string): string => `${dateOf(now)}T00:00:00.000Z`

const secondsLeftOfDay = (now: string): number =>
  Math.ceil((Date.parse(daysAfter(startOfDay(now), 1)) - Date.parse(now)) / 1000)
