import { asService, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { requireCoordinator } from '../../organisations/actions.ts'
import {
  firstApproval,
  lockFirstApproval,
  requireSecondPerson,
} from '../../organisations/approvals/actions.ts'
import { liveMandates, lockLiveMandates } from '../../organisations/approvals/queries.ts'
import { disclosureClosed, disclosureNotFound, disclosureNotOpen } from '../problems.ts'
import { lockElevationForOthers, requirePerson } from '../second-factor/actions.ts'
import { revokeDisclosure } from './revocation.ts'
import { isRequested, underlyingMandateIds, mayReadDisclosed, mayReadDisclosure, statusOf } from './policy.ts'
import {
  disclosureById,
  disclosuresFor,
  lockVisibleDelegate,
  lockDisclosure,
  identityReadsOf,
  type DisclosureRow,
} from './queries.ts'
import { readOthersIdentity } from './identity-access.ts'
import type { DisclosureListParameters, RequestDisclosure } from './schemas.ts'
import { disclosures } from './tables.ts'

const openHours = 24

export async function listDisclosures(db: Db, context: ActionContext, query: DisclosureListParameters) {
  const page = await disclosuresFor(db, context, query)
  const live = await liveAmong(asService(context).read, page.data, context.now)
  return { ...page, data: page.data.map((row) => presentDisclosure(row, context.now, live)) }
}

export async function readDisclosure(db: Db, context: ActionContext, id: string) {
  const row = await accessDisclosure(db, context, id)
  return presentDisclosure(row, context.now, await liveAmong(asService(context).read, [row], context.now))
}

/** Lists who read the caller's own identity, and by what right. */
export const listIdentityReads = (db: Db, context: ActionContext, query: DisclosureListParameters) =>
  identityReadsOf(db, requirePerson(context.caller).delegateId, query)

export function requestDisclosure(context: ActionContext, { delegateId, reason }: RequestDisclosure) {
  return transaction(context, async (tx) => {
    const mandate = await requirePersonalMandate(tx, context)
    await lockElevationForOthers(tx, context)
    const person = requirePerson(context.caller).delegateId
    // Coordinators do not see which organisation the delegate belongs to; its ledger gets the entry.
    const delegate = await lockVisibleDelegate(bypassRls(tx), delegateId)
    if (!delegate || delegateId === person) throw unfitDelegate(delegateId === person)
    const id = randomId()
    await tx.insert(disclosures).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      delegateId,
      reason,
      ...firstApproval(context, mandate),
    })
    record(tx, context, {
      type: 'disclosure.requested',
      subjectId: id,
      subjectVersion: 1,
      organisationId: delegate.organisationId,
      mandateId: mandate.id,
      details: { delegateId },
    })
    return readWithin(tx, context, id)
  })
}

const unfitDelegate = (isOneself: boolean) =>
  invalidBecause({
    pointer: '/delegateId',
    ...(isOneself
      ? { code: 'yourself', detail: 'must be somebody else' }
      : { code: 'unknown_delegate', detail: 'must be a delegate' }),
  })

/** Grants a disclosure as a coordinator of another coordination. Both can then read the identity for 24 hours. */
export function grantDisclosure(context: ActionContext, id: string) {
  return transaction(context, async (tx) => {
    const { requestedForId } = await accessDisclosure(tx, context, id)
    const { id: mandateId, organisationId: grantedForId } = await requirePersonalMandate(
      tx,
      context,
      requestedForId,
    )
    await lockElevationForOthers(tx, context)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (!isRequested(row, context.now)) throw disclosureClosed()
    requireSecondPerson(context, row, { subjectId: row.delegateId, organisationId: grantedForId })
    if (!(await lockFirstApproval(tx, context, row))) throw disclosureClosed()
    const delegate = await lockVisibleDelegate(bypassRls(tx), row.delegateId)
    if (!delegate) throw disclosureClosed()
    const { organisationId } = delegate
    const change = {
      grantedById: requirePerson(context.caller).delegateId,
      grantedMandateId: mandateId,
      grantedForId,
      grantedAt: context.now,
      expiresAt: hoursAfter(context.now, openHours),
    }
    const entry = { type: 'disclosure.granted', organisationId, mandateId } as const
    await updateVersion(tx, context, disclosures, row, change, {
      ...entry,
      details: { delegateId: row.delegateId },
    })
    return readWithin(tx, context, id)
  })
}

/**
 * Revokes a disclosure. Any coordinator can, without a code, because this only removes access. One that is over stays
 * as it is.
 */
export function closeDisclosure(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    await accessDisclosure(tx, context, id)
    const { id: mandateId } = await requireCoordinator(tx, context)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    const isOver = row.endedAt !== null || row.expiresAt <= context.now
    const by = { person: requirePerson(context.caller).delegateId, mandateId }
    if (!isOver) await revokeDisclosure(tx, context, row, by)
    return {}
  })
}

export function readDisclosedIdentity(context: ActionContext, vault: Vault, id: string) {
  return readOthersIdentity(context, vault, async (tx) => {
    await accessDisclosure(tx, context, id)
    await requireCoordinator(tx, context)
    const row = await lockDisclosure(tx, id)
    if (!row) throw disclosureNotFound()
    if (!mayReadDisclosed(requirePerson(context.caller).delegateId, row)) {
      throw forbidden(
        'Only the two coordinators who requested and granted the disclosure can read the identity. Ask one of them.',
      )
    }
    if ((await lockStatus(tx, context, row)) !== 'granted') throw disclosureNotOpen()
    const delegate = await lockVisibleDelegate(bypassRls(tx), row.delegateId)
    if (!delegate) throw disclosureNotOpen()
    return { delegateId: row.delegateId, organisationId: delegate.organisationId, disclosureId: id }
  })
}

async function accessDisclosure(db: Db, context: ActionContext, id: string): Promise<DisclosureRow> {
  const row = await disclosureById(db, id)
  if (!row || !mayReadDisclosure(context.caller, row)) throw disclosureNotFound()
  return row
}

/** Requires and locks the caller's mandate as a coordinator, of another coordination than `approvedById` if that is given. */
async function requirePersonalMandate(tx: Tx, context: ActionContext, approvedById?: string) {
  const { id, organisationId } = await requireCoordinator(tx, context, approvedById)
  // Only a client's mandate has no id, and clients are refused before.
  if (id === null) throw forbidden()
  return { id, organisationId }
}

/** Locks the mandates of both approvals, so that a recall comes before or waits. */
async function lockStatus(tx: Tx, context: ActionContext, row: DisclosureRow) {
  const live = await lockLiveMandates(bypassRls(tx), underlyingMandateIds(row), context.now)
  return statusOf(row, context.now, unsealed(live))
}

async function readWithin(tx: Tx, context: ActionContext, id: string) {
  const row = await accessDisclosure(tx, context, id)
  return presentDisclosure(row, context.now, await liveAmong(bypassRls(tx), [row], context.now))
}

/**
 * Lists which of the mandates are valid now. Bypasses RLS, because only the result is shown, not whose mandates they
 * are.
 */
const liveAmong = async (db: Db, rows: readonly DisclosureRow[], now: string): Promise<string[]> =>
  unsealed(await liveMandates(db, rows.flatMap(underlyingMandateIds), now))

const unsealed = (mandates: Awaited<ReturnType<typeof liveMandates>>): string[] =>
  mandates.filter(({ sealed }) => !sealed).map(({ id }) => id)

const presentDisclosure = (row: DisclosureRow, now: string, live: readonly string[]) => ({
  ...row,
  status: statusOf(row, now, live),
})
