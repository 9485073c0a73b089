/** Invitations of a coordination. Registrations with one are exempt from the daily limits. */
import {
  requireUnsealed,
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record, recordAll, type Entry } from '../../platform/ledger/ledger.ts'
import { forbidden, unauthenticated } from '../../platform/problems.ts'
import { hashOf, mintSecret } from '../../platform/secrets.ts'
import { invitationGone, invitationNotFound } from '../problems.ts'
import { managedCoordinationIds, mandateToManage, mayInvite } from './policy.ts'
import {
  deleteInvitationsExpiredBefore,
  lockValidToken,
  invitationById,
  listInvitationsOf,
  revokeLiveInvitations,
  consumeUse,
  type InvitationRow,
  type InvitationSelection,
} from './queries.ts'
import type { CreateInvitation, InvitationListParameters, InvitationStatus } from './schemas.ts'
import { invitations } from './tables.ts'

const daysDefault = 30
/** How long a coordination can still read an expired invitation. */
const expiredDaysKept = 30

export function createInvitation(context: ActionContext, input: CreateInvitation, publicUrl: string) {
  return transaction(context, async (tx) => {
    requireUnsealed(context.caller)
    const { organisationId } = input
    // Locked together with its organisation: a recall or a seal comes first and stops this, or finds and revokes the
    // invitation.
    const mandate = await requireMandate(tx, context, organisationId, 'vouch', onlyCoordinators)
    if (!mayInvite(mandate) || mandate.id === null) throw onlyCoordinators()
    const creatingTokenId = await lockOwnToken(tx, context)
    const { secret, hash } = mintSecret('invitation')
    const id = randomId()
    await tx.insert(invitations).values({
      id,
      hash,
      organisationId,
      mandateId: mandate.id,
      madeWithId: creatingTokenId,
      usesMax: input.usesMax ?? 1,
      createdAt: context.now,
      expiresAt: daysAfter(context.now, input.days ?? daysDefault),
    })
    record(tx, context, {
      type: 'invitation.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId,
      mandateId: mandate.id,
    })
    const created = await accessInvitation(tx, context, id)
    return {
      ...presentInvitation(created, context.now),
      secret,
      invitationUrl: `${publicUrl}/invitation#${secret}`,
    }
  })
}

const onlyCoordinators = () =>
  forbidden('Only a coordinator of a verified coordination can invite. Ask one of your coordination.')

/** Locks the caller's token, with which the invitation is revoked. */
async function lockOwnToken(tx: Tx, { caller, now }: ActionContext): Promise<string> {
  if (caller.kind !== 'delegate') throw onlyCoordinators()
  if (await lockValidToken(tx, caller.tokenId, now)) return caller.tokenId
  throw unauthenticated('The token was revoked a moment ago. Ask for a new one.')
}

export async function readInvitation(db: Db, context: ActionContext, id: string) {
  return presentInvitation(await accessInvitation(db, context, id), context.now)
}

export async function listInvitations(db: Db, context: ActionContext, query: InvitationListParameters) {
  const page = await listInvitationsOf(db, managedCoordinationIds(context.caller), query)
  return { ...page, data: page.data.map((row) => presentInvitation(row, context.now)) }
}

/**
 * Revokes an invitation; a repeated request gives the same answer. Organisations that registered with it stay
 * registered.
 */
export function revokeInvitation(context: ActionContext, id: string): Promise<object> {
  return transaction(context, async (tx) => {
    const { organisationId } = await accessInvitation(tx, context, id)
    const mandate = mandateToManage(context.caller, organisationId)
    if (!mandate) throw invitationNotFound()
    await lockMandate(tx, context, mandate)
    await revokeInvitations(tx, context, { id }, mandate.id)
    return {}
  })
}

/** Revokes invitations, for a seal or when a mandate ends or a token is revoked. */
export async function revokeInvitations(
  tx: Tx,
  context: ActionContext,
  which: InvitationSelection,
  mandateId: string | null,
): Promise<void> {
  const revoked = await revokeLiveInvitations(tx, which, context.now)
  recordAll(
    tx,
    context,
    revoked.map(({ id, organisationId, uses }): Entry => ({
      type: 'invitation.revoked',
      subjectId: id,
      subjectVersion: uses + 2,
      organisationId,
      mandateId,
    })),
  )
}

/** Revokes the invitations of a sealed organisation: see `OnSeal`. */
export const revokeInvitationsOnSeal = (
  tx: Tx,
  context: ActionContext,
  { organisationIds, mandateId }: { organisationIds: readonly string[]; mandateId: string | null },
): Promise<void> => revokeInvitations(bypassRls(tx), context, { organisationIds }, mandateId)

/** Uses an invitation once. Throws 410 for an unknown, used up, revoked or expired secret. */
export async function useInvitation(tx: Tx, context: ActionContext, secret: string, registeredId: string) {
  const used = await consumeUse(tx, hashOf(secret), context.now)
  if (!used) throw invitationGone()
  const { id, organisationId, uses } = used
  record(tx, context, {
    type: 'invitation.used',
    subjectId: id,
    subjectVersion: uses + 1,
    organisationId,
    details: { registeredId },
  })
  return organisationId
}

/** Deletes expired invitations. Called by a job. */
export const deleteExpiredInvitations = (tx: Tx, now: string, limit: number): Promise<number> =>
  deleteInvitationsExpiredBefore(tx, daysAfter(now, -expiredDaysKept), limit)

async function accessInvitation(db: Db, context: ActionContext, id: string) {
  const row = await invitationById(db, managedCoordinationIds(context.caller), id)
  if (!row) throw invitationNotFound()
  return row
}

const presentInvitation = (row: InvitationRow, now: string) => ({ ...row, status: statusOf(row, now) })

function statusOf({ revokedAt, uses, usesMax, expiresAt }: InvitationRow, now: string): InvitationStatus {
  if (revokedAt !== null) return 'revoked'
  if (uses >= usesMax) return 'used_up'
  return expiresAt <= now ? 'expired' : 'live'
}
