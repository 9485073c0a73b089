/**
 * Participants of a visit can disclose their identities to participants of the other side who disclose theirs: for a visa, an
 * invitation or a meeting. Everybody consents personally and can withdraw the consent at any time.
 */
import { belongsTo } from '../../platform/access.ts'
import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import { forbidden } from '../../platform/problems.ts'
import { requireVersion, updateVersion, type Precondition } from '../../platform/ledger/versioned-update.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { readOthersIdentity, type IdentityReadGround } from '../../delegates/disclosures/identity-access.ts'
import { lockLegalName } from '../../delegates/identities/queries.ts'
import { isSelf } from '../../delegates/policy.ts'
import { requirePerson } from '../../delegates/second-factor/actions.ts'
import { lockReadableVisit } from '../actions.ts'
import { readParticipant } from '../participants/actions.ts'
import { lockParticipant, participantById, visitIdOf, type ParticipantRow } from '../participants/queries.ts'
import { visitParticipants } from '../participants/tables.ts'
import { mayRead, organisationAt } from '../policy.ts'
import { consentMissing, notTakingPart, ownIdentityMissing, participantNotFound } from '../problems.ts'
import { lockVisit, type LockedVisit } from '../queries.ts'
import { haveConsentedToEachOther, isWithinDisclosurePeriod, takesPart } from './policy.ts'
import {
  lockMandatedParticipants,
  hasUncoveredParticipant,
  lockConsentsOf,
  participationOf,
  statusAndSpanOf,
} from './queries.ts'

/**
 * Records a consent. A repeated consent also covers participants nominated since. If-None-Match refers to the consent; If-Match
 * is not accepted, because it would refer to the whole participation.
 */
export const giveConsent = (context: ActionContext, id: string, { noneMatch }: Precondition) =>
  transaction(context, async (tx) => {
    // Locked first, in the same order as when a second factor is removed: identity, then consents.
    const hasLegalName = await lockLegalName(tx, requirePerson(context.caller).delegateId)
    const row = await lockOwnParticipation(tx, context, id)
    if (!takesPart(row)) throw notTakingPart()
    if (!hasLegalName) throw ownIdentityMissing()
    requireVersion(row.consentedAt === null ? undefined : row, { noneMatch })
    if (
      row.consentedAt !== null &&
      !(await hasUncoveredParticipant(bypassRls(tx), { ...row, consentedAt: row.consentedAt }))
    )
      return readParticipant(tx, context, id)
    await recordConsent(tx, context, row, context.now)
    return readParticipant(tx, context, id)
  })

async function lockOwnParticipation(tx: Tx, context: ActionContext, id: string) {
  const visitId = await visitIdOf(tx, id)
  if (visitId === undefined) throw participantNotFound()
  const visit = await lockReadableVisit(tx, context, visitId, participantNotFound)
  return requireOwnParticipation(context, visit, await lockParticipant(tx, id))
}

/** Withdraws a consent. Allowed also without a mandate, or if the organisation may not act. */
export const withdrawConsent = (context: ActionContext, id: string): Promise<object> =>
  transaction(context, async (tx) => {
    const visitId = await visitIdOf(tx, id)
    const visit = visitId === undefined ? undefined : await lockVisit(bypassRls(tx), visitId)
    const row = await lockParticipant(tx, id)
    if (!visit || !row) throw participantNotFound()
    if (!isSelf(context.caller, row.delegateId) && !mayRead(context.caller, visit))
      throw participantNotFound()
    const own = requireOwnParticipation(context, visit, row)
    if (own.consentedAt !== null) await recordConsent(tx, context, own, null)
    return {}
  })

type LockedParticipation = Awaited<ReturnType<typeof lockParticipant>>

function requireOwnParticipation(context: ActionContext, visit: LockedVisit, row: LockedParticipation) {
  if (!row) throw participantNotFound()
  if (!isSelf(context.caller, row.delegateId)) {
    throw forbidden('Only the participant can consent to disclose their identity. Ask the participant.')
  }
  return { ...row, organisationId: organisationAt(visit, row.side) }
}

/** Withdraws all consents of a person, when they lose their second factor or are erased. */
export async function withdrawConsentsOf(tx: Tx, context: ActionContext, delegateId: string): Promise<void> {
  // Bypasses RLS, because without a mandate the person can no longer see the visit.
  const service = bypassRls(tx)
  for (const row of await lockConsentsOf(service, delegateId))
    await recordConsent(service, context, row, null)
}

type Consenting = { id: string; version: number; visitId: string; organisationId: string }

const recordConsent = (
  tx: Tx,
  context: ActionContext,
  row: Consenting,
  consentedAt: string | null,
): Promise<void> =>
  updateVersion(
    tx,
    context,
    visitParticipants,
    row,
    { consentedAt },
    {
      type: consentedAt === null ? 'participant.consent_withdrawn' : 'participant.consented',
      organisationId: row.organisationId,
      details: { visitId: row.visitId },
    },
  )

export const readCounterpartIdentity = (context: ActionContext, vault: Vault, id: string) =>
  readOthersIdentity(context, vault, async (tx) => {
    const row = await participantById(tx, id)
    if (!row || !mayRead(context.caller, row)) throw participantNotFound()
    await requireBothConsents(tx, context, row)
    return readGroundOf(row)
  })

const readGroundOf = (row: ParticipantRow): IdentityReadGround => ({
  delegateId: row.delegateId,
  organisationId: organisationAt(row, row.side),
  participantId: row.id,
})

async function requireBothConsents(tx: Tx, context: ActionContext, row: ParticipantRow): Promise<void> {
  const { delegateId } = requirePerson(context.caller)
  const own = await participationOf(tx, row.visitId, delegateId)
  const isCounterpart =
    own && own.side !== row.side && takesPart(own) && belongsTo(context.caller, organisationAt(row, own.side))
  if (!isCounterpart) {
    throw forbidden(
      'Only participants of the other side can read this identity. Your own identity is under /v1/delegates.',
    )
  }
  const visit = await statusAndSpanOf(tx, row.visitId)
  if (!visit || !isWithinDisclosurePeriod(visit, context.now) || !haveConsentedToEachOther(own, row))
    throw consentMissing()
  // Bypasses RLS: the mandate of the other person only decides and is not shown.
  const mandated = await lockMandatedParticipants(bypassRls(tx), [own.id, row.id], dateOf(context.now))
  if (!mandated.includes(own.id) || !mandated.includes(row.id)) throw consentMissing()
  if (!(await lockLegalName(tx, delegateId))) throw ownIdentityMissing()
}
