import { allScopes, coordinatorMandate, type LiveMandate } from '../../platform/access.ts'
import { requireMandate, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { updateVersion } from '../../platform/ledger/versioned-update.ts'
import { mintSecret } from '../../platform/secrets.ts'
import { requireCoordinator } from '../../organisations/actions.ts'
import {
  firstApproval,
  lockFirstApproval,
  requireSecondPerson,
} from '../../organisations/approvals/actions.ts'
import { lockAdministratorMandate } from '../../organisations/status/queries.ts'
import { isSelf } from '../policy.ts'
import { administratorGone, recoveryClosed, recoveryNotFound } from '../problems.ts'
import { lockDelegate } from '../queries.ts'
import { lockElevationForOthers, requirePerson } from '../second-factor/actions.ts'
import { revokeLink, revokeAllLinksTo, revokeWithDescendants } from '../tokens/revocation.ts'
import { enrolmentLinks } from '../tokens/tables.ts'
import { mayRead, statusOf } from './policy.ts'
import {
  administratorByName,
  lockRecovery,
  recoveriesFor,
  recoveryById,
  unrevokedTokensOf,
  type RecoveryRow,
} from './queries.ts'
import type { RecoveryListParameters, RequestRecovery } from './schemas.ts'
import { recoveries } from './tables.ts'

const linkHours = 72

export async function listRecoveries(db: Db, context: ActionContext, query: RecoveryListParameters) {
  const page = await recoveriesFor(db, context, query)
  return { ...page, data: page.data.map((row) => presentRecovery(row, context.now)) }
}

export async function readRecovery(db: Db, context: ActionContext, id: string) {
  return presentRecovery(await accessRecovery(db, context, id), context.now)
}

export function requestRecovery(
  context: ActionContext,
  { organisationId, secretary, reason }: RequestRecovery,
) {
  return transaction(context, async (tx) => {
    const { mandate, person } = await requireRight(tx, context)
    // Bypasses RLS: coordinators may not see members, and learn only whether the name they sent is right.
    const lost = await administratorByName(bypassRls(tx), organisationId, secretary, context.now)
    if (!lost || lost.id === person) throw unknownSecretary()
    const id = randomId()
    await tx.insert(recoveries).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      organisationId,
      delegateId: lost.id,
      reason,
      ...firstApproval(context, mandate),
    })
    const subject = { subjectId: id, subjectVersion: 1 }
    record(tx, context, {
      type: 'recovery.requested',
      ...subject,
      organisationId,
      mandateId: mandate.id,
    })
    return readRecovery(tx, context, id)
  })
}

/** The same error for a missing organisation, a hidden organisation and a wrong name. */
const unknownSecretary = () =>
  invalidBecause({
    pointer: '/secretary',
    code: 'unknown_secretary',
    detail:
      'must be the display name of another person who administers an organisation with that id; ask the person for the exact name',
  })

/** Grants a recovery: revokes the person's tokens and links, and creates a new enrolment link. */
export function grantRecovery(context: ActionContext, id: string) {
  return transaction(context, async (tx) => {
    const { requestedForId } = await accessRecovery(tx, context, id)
    const { mandate, person } = await requireRight(tx, context, requestedForId)
    const row = await lockRecovery(tx, id)
    if (!row) throw recoveryNotFound()
    if (statusOf(row, context.now) !== 'requested') throw recoveryClosed()
    requireSecondPerson(context, row, { subjectId: row.delegateId, organisationId: mandate.organisationId })
    if (!(await lockFirstApproval(tx, context, row))) throw recoveryClosed()
    if (!(await lockAdministratorMandate(bypassRls(tx), row.delegateId, row.organisationId, context.now)))
      throw administratorGone()
    const link = await replaceSecrets(tx, context, row, mandate)
    const { organisationId } = row
    const change = {
      grantedById: person,
      grantedForId: mandate.organisationId,
      grantedAt: context.now,
      expiresAt: link.expiresAt,
      enrolmentLinkId: link.id,
    }
    const entry = { type: 'recovery.granted', organisationId, mandateId: mandate.id } as const
    await updateVersion(tx, context, recoveries, row, change, entry)
    return { ...(await readRecovery(tx, context, id)), secret: link.secret }
  })
}

/**
 * Cancels a recovery. A coordinator, the person or an administrator of the organisation can, without a code, because
 * this only removes access. One that is over stays as it is.
 */
export function closeRecovery(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    const mandateId = await requireRightToClose(tx, context, await accessRecovery(tx, context, id))
    const row = await lockRecovery(tx, id)
    if (!row) throw recoveryNotFound()
    if (row.endedAt !== null || row.expiresAt <= context.now) return {}
    const { organisationId, enrolmentLinkId } = row
    const change = { endedAt: context.now, endedById: requirePerson(context.caller).delegateId }
    await updateVersion(tx, context, recoveries, row, change, {
      type: 'recovery.ended',
      organisationId,
      mandateId,
    })
    if (enrolmentLinkId !== null)
      await revokeLink(bypassRls(tx), context, enrolmentLinkId, { organisationId, mandateId })
    return {}
  })
}

async function requireRightToClose(tx: Tx, context: ActionContext, row: RecoveryRow): Promise<string | null> {
  if (isSelf(context.caller, row.delegateId)) return null
  if (coordinatorMandate(context.caller)) return (await requireCoordinator(tx, context)).id
  return (await requireMandate(tx, context, row.organisationId, 'administer')).id
}

/** Bypasses RLS, because coordinators may not see the tokens and links that they agreed to revoke. */
async function replaceSecrets(
  tx: Tx,
  context: ActionContext,
  { organisationId, delegateId }: RecoveryRow,
  by: LiveMandate,
) {
  const theirs = bypassRls(tx)
  const ended = { mandateId: by.id, organisationId }
  // Requests that create or use a secret of this person lock the person too, so the secret is revoked here or refused
  // there.
  await lockDelegate(theirs, delegateId)
  const lost = await unrevokedTokensOf(theirs, delegateId)
  await revokeWithDescendants(
    theirs,
    context,
    lost.map(({ id }) => id),
    ended,
  )
  await revokeAllLinksTo(theirs, context, delegateId, ended)
  const { secret, hash } = mintSecret('enrolment')
  const link = { id: randomId(), createdAt: context.now, expiresAt: hoursAfter(context.now, linkHours) }
  await theirs
    .insert(enrolmentLinks)
    .values({ ...link, hash, delegateId, createdByDelegateId: null, scopes: [...allScopes()] })
  const made = { type: 'enrolment_link.created', subjectId: link.id, subjectVersion: 1 } as const
  record(tx, context, { ...made, organisationId, mandateId: by.id, details: { delegateId } })
  return { ...link, secret }
}

async function accessRecovery(db: Db, context: ActionContext, id: string): Promise<RecoveryRow> {
  const row = await recoveryById(db, id)
  if (!row || !mayRead(context.caller, row)) throw recoveryNotFound()
  return row
}

type Coordinating = { mandate: LiveMandate & { id: string }; person: string }

/** Requires a coordinator with a recent code, so that a token alone cannot give anybody a new one. */
async function requireRight(tx: Tx, context: ActionContext, approvedById?: string): Promise<Coordinating> {
  const { delegateId: person } = requirePerson(context.caller)
  const { id, ...mandate } = await requireCoordinator(tx, context, approvedById)
  // Only a client's mandate has no id, and clients are refused before.
  if (id === null) throw forbidden()
  await lockElevationForOthers(tx, context)
  return { mandate: { ...mandate, id }, person }
}

const presentRecovery = (row: RecoveryRow, now: string) => ({ ...row, status: statusOf(row, now) })
