/**
 * A person who takes part in a visit may show who they are to those of the other side who show it too: for a visa, an
 * invitation, a meeting at a station. Each consents for themselves, and takes it back when they like.
 */
import { belongsTo } from '../../platform/access.ts'
import { transaction, type Act } from '../../platform/act.ts'
import { daysAfter } from '../../platform/clock.ts'
import type { Tx } from '../../platform/database.ts'
import { forbidden } from '../../platform/problems.ts'
import { revise } from '../../platform/revising.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { readAnothersIdentity, type Ground } from '../../delegates/disclosures/reading.ts'
import { isSelf } from '../../delegates/policy.ts'
import { lockReadable } from '../actions.ts'
import { readParticipant } from '../participants/actions.ts'
import { lockParticipant, participantById, visitIdOf, type ParticipantRow } from '../participants/queries.ts'
import { visitParticipants } from '../participants/tables.ts'
import { mayRead, organisationAt } from '../policy.ts'
import { consentMissing, notTakingPart, participantNotFound } from '../problems.ts'
import { participationOf, spanEndOf } from './queries.ts'

/** Who they are is of use until everybody is home, and not afterwards. */
const openDaysAfterVisit = 14
const gone: readonly string[] = ['withdrawn', 'refused', 'no_show']

const takesPart = (row: { agreedAt: string | null; status: string }): boolean =>
  row.agreedAt !== null && !gone.includes(row.status)

export const giveConsent = (act: Act, id: string) =>
  transaction(act, async (tx) => {
    const row = await lockOwn(tx, act, id)
    if (!takesPart(row)) throw notTakingPart()
    if (row.consentedAt === null) await noteConsent(tx, act, row, act.now)
    return readParticipant(tx, act.caller, id)
  })

export const withdrawConsent = (act: Act, id: string) =>
  transaction(act, async (tx) => {
    const row = await lockOwn(tx, act, id)
    if (row.consentedAt !== null) await noteConsent(tx, act, row, null)
    return readParticipant(tx, act.caller, id)
  })

async function lockOwn(tx: Tx, act: Act, id: string) {
  const visitId = await visitIdOf(tx, id)
  if (visitId === undefined) throw participantNotFound()
  const visit = await lockReadable(tx, act, visitId, participantNotFound)
  const row = await lockParticipant(tx, id)
  if (!row) throw participantNotFound()
  if (!isSelf(act.caller, row.delegateId)) {
    throw forbidden('Each consents for themselves: nobody can show who somebody else is.')
  }
  return { ...row, organisationId: organisationAt(visit, row.side) }
}

type Own = Awaited<ReturnType<typeof lockOwn>>

const noteConsent = (tx: Tx, act: Act, row: Own, consentedAt: string | null): Promise<void> =>
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
  const own =
    act.caller.kind === 'delegate' && (await participationOf(tx, row.visitId, act.caller.delegateId))
  if (
    !own ||
    own.side === row.side ||
    !takesPart(own) ||
    !belongsTo(act.caller, organisationAt(row, own.side))
  ) {
    throw forbidden(
      'This is for those who take part in the visit on the other side. Your own is under /v1/delegates.',
    )
  }
  const end = await spanEndOf(tx, row.visitId)
  const isOver = end === undefined || daysAfter(end, openDaysAfterVisit) <= act.now
  const isOff = ['declined', 'cancelled'].includes(row.visitStatus)
  const isOpen = own.consentedAt !== null && row.consentedAt !== null && takesPart(row)
  if (!isOpen || isOver || isOff) throw consentMissing()
}
