/** Invitations of a coordination: whoever registers with one is never turned away for the number of others. */
import type { Caller } from '../../platform/access.ts'
import {
  requireUnsealed,
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { daysAfter } from '../../platform/clock.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { randomId } from '../../platform/ids.ts'
import { record, recordAll, type Entry } from '../../platform/ledger/ledger.ts'
import { forbidden, unauthenticated } from '../../platform/problems.ts'
import { hashOf, mintSecret } from '../../platform/secrets.ts'
import { invitationGone, invitationNotFound } from '../problems.ts'
import { coordinationsOf, mandateLookingAfter, mayInvite } from './policy.ts'
import {
  deleteInvitationsDeadSince,
  lockToken,
  invitationById,
  listInvitationsOf,
  revokeLive,
  takeUse,
  type InvitationRow,
  type InvitationSelection,
} from './queries.ts'
import type { CreateInvitation, InvitationListParameters, InvitationStatus } from './schemas.ts'
import { invitations } from './tables.ts'

const daysDefault = 30
/** So long after its end a coordination still reads what became of an invitation. */
const deadDaysKept = 30

export function createInvitation(act: ActionContext, input: CreateInvitation, publicUrl: string) {
  return transaction(act, async (tx) => {
    requireUnsealed(act.caller)
    const { organisationId } = input
    // Held with its organisation: a recall or a seal comes first and stops this, or finds the invitation and revokes it.
    const mandate = await requireMandate(tx, act, organisationId, 'vouch', onlyCoordinators)
    if (!mayInvite(mandate) || mandate.id === null) throw onlyCoordinators()
    const madeWithId = await lockOwnToken(tx, act)
    const { secret, hash } = mintSecret('invitation')
    const id = randomId()
    await tx.insert(invitations).values({
      id,
      hash,
      organisationId,
      mandateId: mandate.id,
      madeWithId,
      usesMax: input.usesMax ?? 1,
      createdAt: act.now,
      expiresAt: daysAfter(act.now, input.days ?? daysDefault),
    })
    await record(tx, act, {
      type: 'invitation.created',
      subjectId: id,
      subjectVersion: 1,
      organisationId,
      mandateId: mandate.id,
    })
    const created = await accessInvitation(tx, act.caller, id)
    return {
      ...presentInvitation(created, act.now),
      secret,
      invitationUrl: `${publicUrl}/invitation#${secret}`,
    }
  })
}

const onlyCoordinators = () =>
  forbidden('Only a coordinator of a verified coordination can invite. Ask one of your coordination.')

/** It is revoked with this token. */
async function lockOwnToken(tx: Tx, { caller, now }: ActionContext): Promise<string> {
  if (caller.kind !== 'delegate') throw onlyCoordinators()
  if (await lockToken(tx, caller.tokenId, now)) return caller.tokenId
  throw unauthenticated('The token was revoked a moment ago. Ask for a new one.')
}

export async function readInvitation(act: ActionContext, id: string) {
  return presentInvitation(await accessInvitation(act.read, act.caller, id), act.now)
}

export async function listInvitations(act: ActionContext, query: InvitationListParameters) {
  const page = await listInvitationsOf(act.read, coordinationsOf(act.caller), query)
  return { ...page, data: page.data.map((row) => presentInvitation(row, act.now)) }
}

/** Asked twice, it answers the same twice. Organisations that registered with it stay registered. */
export function revokeInvitation(act: ActionContext, id: string): Promise<object> {
  return transaction(act, async (tx) => {
    const { organisationId } = await accessInvitation(tx, act.caller, id)
    const mandate = mandateLookingAfter(act.caller, organisationId)
    if (!mandate) throw invitationNotFound()
    await lockMandate(tx, act, mandate)
    await revokeInvitations(tx, act, { id }, mandate.id)
    return {}
  })
}

/** For a seal, and for the end of a mandate or of a token. */
export async function revokeInvitations(
  tx: Tx,
  act: ActionContext,
  which: InvitationSelection,
  mandateId: string | null,
): Promise<void> {
  const revoked = await revokeLive(tx, which, act.now)
  await recordAll(
    tx,
    act,
    revoked.map(({ id, organisationId, uses }): Entry => ({
      type: 'invitation.revoked',
      subjectId: id,
      subjectVersion: uses + 2,
      organisationId,
      mandateId,
    })),
  )
}

/** What a seal revokes here: see `OnSeal`. */
export const revokeInvitationsOnSeal = (
  tx: Tx,
  act: ActionContext,
  { organisationIds, mandateId }: { organisationIds: readonly string[]; mandateId: string | null },
): Promise<void> => revokeInvitations(bypassRls(tx), act, { organisationIds }, mandateId)

/** Uses an invitation once. Throws 410 for a secret that is unknown, used up, revoked or expired. */
export async function useInvitation(tx: Tx, act: ActionContext, secret: string, registeredId: string) {
  const taken = await takeUse(tx, hashOf(secret), act.now)
  if (!taken) throw invitationGone()
  const { id, organisationId, uses } = taken
  await record(tx, act, {
    type: 'invitation.used',
    subjectId: id,
    subjectVersion: uses + 1,
    organisationId,
    details: { registeredId },
  })
  return organisationId
}

/** Called by a job. */
export const deleteDeadInvitations = (tx: Tx, now: string, limit: number): Promise<number> =>
  deleteInvitationsDeadSince(tx, daysAfter(now, -deadDaysKept), limit)

async function accessInvitation(db: Parameters<typeof invitationById>[0], caller: Caller, id: string) {
  const row = await invitationById(db, coordinationsOf(caller), id)
  if (!row) throw invitationNotFound()
  return row
}

const presentInvitation = (row: InvitationRow, now: string) => ({ ...row, status: statusOf(row, now) })

function statusOf({ revokedAt, uses, usesMax, expiresAt }: InvitationRow, now: string): InvitationStatus {
  if (revokedAt !== null) return 'revoked'
  if (uses >= usesMax) return 'used_up'
  return expiresAt <= now ? 'expired' : 'live'
}
