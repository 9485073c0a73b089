/**
 * A person who takes part in a visit may show who they are to those of the other side who show it too: for a visa, an
 * invitation, a meeting at a station. Each consents for themselves, and takes it back when they like.
 */
import { belongsTo } from '../../platform/access.ts'
import { transaction, type Act } from '../../platform/act.ts'
import { dateOf } from '../../platform/clock.ts'
import { beyond, type Tx } from '../../platform/database.ts'
import { forbidden } from '../../platform/problems.ts'
import type { Precondition } from '../../platform/preconditions.ts'
import { demandVersion, revise } from '../../platform/revising.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { readAnothersIdentity, type Ground } from '../../delegates/disclosures/reading.ts'
import { holdLegalName } from '../../delegates/identities/queries.ts'
import { isSelf } from '../../delegates/policy.ts'
import { personOf } from '../../delegates/second-factor/actions.ts'
import { lockReadable } from '../actions.ts'
import { readParticipant } from '../participants/actions.ts'
import { lockParticipant, participantById, visitIdOf, type ParticipantRow } from '../participants/queries.ts'
import { visitParticipants } from '../participants/tables.ts'
import { mayRead, organisationAt } from '../policy.ts'
import { consentMissing, notTakingPart, ownIdentityMissing, participantNotFound } from '../problems.ts'
import { lockVisit, type LockedVisit } from '../queries.ts'
import { areShownToEachOther, isOpen, takesPart } from './policy.ts'
import { holdBacked, isSomebodyNew, lockConsentsOf, participationOf, visitOf } from './queries.ts'

/**
 * Given again, it is given to those too who were nominated since. Of what was asked, If-None-Match speaks of the consent;
 * If-Match would speak of the whole participation, and is not taken.
 */
export const giveConsent = (act: Act, id: string, { noneMatch }: Precondition) =>
  transaction(act, async (tx) => {
    // Before the visit and the participation: whoever removes the factor takes the identity first, then the consents.
    const isShown = await holdLegalName(tx, personOf(act.caller).delegateId)
    const row = await lockOwn(tx, act, id)
    if (!takesPart(row)) throw notTakingPart()
    if (!isShown) throw ownIdentityMissing()
    demandVersion(row.consentedAt === null ? undefined : row, { noneMatch })
    if (
      row.consentedAt !== null &&
      !(await isSomebodyNew(beyond(tx), { ...row, consentedAt: row.consentedAt }))
    )
      return readParticipant(tx, act.caller, id)
    await noteConsent(tx, act, row, act.now)
    return readParticipant(tx, act.caller, id)
  })

async function lockOwn(tx: Tx, act: Act, id: string) {
  const visitId = await visitIdOf(tx, id)
  if (visitId === undefined) throw participantNotFound()
  const visit = await lockReadable(tx, act, visitId, participantNotFound)
  return ownAt(act, visit, await lockParticipant(tx, id))
}

/**
 * Also by whoever has lost the mandate since, or whose organisation may not act: they see the visit no more, and still
 * their own part in it.
 */
export const withdrawConsent = (act: Act, id: string): Promise<object> =>
  transaction(act, async (tx) => {
    const visitId = await visitIdOf(tx, id)
    const visit = visitId === undefined ? undefined : await lockVisit(beyond(tx), visitId)
    const row = await lockParticipant(tx, id)
    if (!visit || !row) throw participantNotFound()
    if (!isSelf(act.caller, row.delegateId) && !mayRead(act.caller, visit)) throw participantNotFound()
    const own = ownAt(act, visit, row)
    if (own.consentedAt !== null) await noteConsent(tx, act, own, null)
    return {}
  })

type Locked = Awaited<ReturnType<typeof lockParticipant>>

function ownAt(act: Act, visit: LockedVisit, row: Locked) {
  if (!row) throw participantNotFound()
  if (!isSelf(act.caller, row.delegateId)) {
    throw forbidden('Each consents for themselves: nobody can show who somebody else is.')
  }
  return { ...row, organisationId: organisationAt(visit, row.side) }
}

/**
 * Together with the second factor: whoever begins a new one must not find open what the old one opened. And with the
 * person, when they are erased.
 */
export async function withdrawConsentsOf(tx: Tx, act: Act, delegateId: string): Promise<void> {
  // Also where they hold no mandate any more, and see nothing of the visit.
  const service = beyond(tx)
  for (const row of await lockConsentsOf(service, delegateId)) await noteConsent(service, act, row, null)
}

type Consenting = { id: string; version: number; visitId: string; organisationId: string }

const noteConsent = (tx: Tx, act: Act, row: Consenting, consentedAt: string | null): Promise<void> =>
  revise(
    tx,
    act,
    visitParticipants,
    row,
    { consentedAt },
    {
      type: consentedAt === null ? 'participant.consent_withdrawn' : 'participant.consented',
      organisationId: row.organisationId,
      details: { visitId: row.visitId },
    },
  )

export const readCounterpartIdentity = (act: Act, vault: Vault, id: string) =>
  readAnothersIdentity(act, vault, async (tx) => {
    const row = await participantById(tx, id)
    if (!row || !mayRead(act.caller, row)) throw participantNotFound()
    await demandBothConsents(tx, act, row)
    return groundOf(row)
  })

const groundOf = (row: ParticipantRow): Ground => ({
  delegateId: row.delegateId,
  organisationId: organisationAt(row, row.side),
  participantId: row.id,
})

async function demandBothConsents(tx: Tx, act: Act, row: ParticipantRow): Promise<void> {
  const { delegateId } = personOf(act.caller)
  const own = await participationOf(tx, row.visitId, delegateId)
  const isCounterpart =
    own && own.side !== row.side && takesPart(own) && belongsTo(act.caller, organisationAt(row, own.side))
  if (!isCounterpart) {
    throw forbidden(
      'This is for those who take part in the visit on the other side. Your own is under /v1/delegates.',
    )
  }
  const visit = await visitOf(tx, row.visitId)
  if (!visit || !isOpen(visit, act.now) || !areShownToEachOther(own, row)) throw consentMissing()
  // The other's mandate is their organisation's business, and not shown: it only decides.
  const backed = await holdBacked(beyond(tx), [own.id, row.id], dateOf(act.now))
  if (!backed.includes(own.id) || !backed.includes(row.id)) throw consentMissing()
  if (!(await holdLegalName(tx, delegateId))) throw ownIdentityMissing()
}
