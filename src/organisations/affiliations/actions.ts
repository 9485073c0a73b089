import { eq } from 'drizzle-orm'
import type { Caller } from '../../platform/access.ts'
import { holdMandate, holdStill, transaction, type Act } from '../../platform/act.ts'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { orderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { stateAfter } from '../../platform/lifecycle.ts'
import { forbidden, invalid, staleVersion } from '../../platform/problems.ts'
import type { AskedMove } from '../../platform/transitions.ts'
import { accessOrganisation } from '../actions.ts'
import type { OrganisationStatus } from '../lifecycle.ts'
import { affiliationCircle, affiliationNotFound, cannotAffiliate } from '../problems.ts'
import { affiliationLifecycle } from './lifecycle.ts'
import { allowedMoves, mandateToMove } from './policy.ts'
import {
  affiliationById,
  affiliationsOf,
  lockAffiliation,
  lockConfirmations,
  standsAbove,
  type AffiliationRow,
} from './queries.ts'
import type { AffiliationListParameters, RequestAffiliation } from './schemas.ts'
import { affiliations } from './tables.ts'

/** What may still join and be joined. Who is unclaimed has nobody yet who could say yes, but may have tomorrow. */
const joinable: readonly OrganisationStatus[] = ['unclaimed', 'provisional', 'verified']

export async function readAffiliation(db: Db, caller: Caller, id: string) {
  const row = await affiliationById(db, caller, id)
  if (!row) throw affiliationNotFound()
  return present(caller, row)
}

export async function listAffiliations(
  db: Db,
  caller: Caller,
  organisationId: string,
  query: AffiliationListParameters,
) {
  await accessOrganisation(db, caller, organisationId)
  const page = await affiliationsOf(db, caller, organisationId, query)
  return { ...page, data: page.data.map((row) => present(caller, row)) }
}

const present = (caller: Caller, row: AffiliationRow) => ({ ...row, allowedMoves: allowedMoves(caller, row) })

/** The member asks; nothing is known of it to others until the one that is joined confirms. */
export function requestAffiliation(act: Act, memberId: string, input: RequestAffiliation) {
  return transaction(act, async (tx) => {
    const member = await accessOrganisation(tx, act.caller, memberId)
    const mandate = await holdMandate(tx, act, memberId, 'administer')
    const period = periodOf(act, memberId, input)
    const parent = await accessOrganisation(tx, act.caller, input.parentId)
    if (![member, parent].every(({ status }) => joinable.includes(status))) throw cannotAffiliate()
    const id = orderedId()
    await tx.insert(affiliations).values({
      id,
      createdAt: act.now,
      updatedAt: act.now,
      status: 'requested',
      memberId,
      parentId: parent.id,
      ...period,
    })
    await record(tx, act, {
      type: 'affiliation.requested',
      subjectId: id,
      subjectVersion: 1,
      organisationId: memberId,
      mandateId: mandate.id,
      details: { parentId: parent.id },
    })
    return readAffiliation(tx, act.caller, id)
  })
}

export function moveAffiliation(act: Act, asked: AskedMove<typeof affiliationLifecycle>) {
  return transaction(act, async (tx) => {
    if (asked.move === 'confirm') await lockConfirmations(tx)
    const row = await lockAffiliation(tx, asked.id)
    if (!row) throw affiliationNotFound()
    await readAffiliation(tx, act.caller, asked.id)
    const mandate = mandateToMove(act.caller, row, asked.move)
    if (!mandate) throw forbidden(whoCould[asked.move])
    await holdStill(tx, act, mandate)
    if (asked.version !== undefined && row.version !== asked.version) throw staleVersion()
    const to = stateAfter(affiliationLifecycle, row.status, asked.move)
    if (asked.move === 'confirm') await refuseCircle(tx, act, row)
    await tx
      .update(affiliations)
      .set({
        status: to,
        endsOn: asked.move === 'end' ? lastDay(act, row) : row.endsOn,
        version: row.version + 1,
        updatedAt: act.now,
      })
      .where(eq(affiliations.id, row.id))
    await record(tx, act, {
      type: 'affiliation.moved',
      subjectId: row.id,
      subjectVersion: row.version + 1,
      organisationId: mandate.organisationId,
      mandateId: mandate.id,
      transition: { move: asked.move, from: row.status, to, reason: asked.reason },
    })
    return readAffiliation(tx, act.caller, row.id)
  })
}

const whoCould = {
  confirm: 'Only a secretary of the organisation that is joined can confirm it.',
  refuse: 'Only a secretary of the organisation that is joined can refuse it.',
  end: 'Only a secretary of one of the two sides can end it.',
} as const

/** Throws 422 naming every field at fault. */
function periodOf(act: Act, memberId: string, input: RequestAffiliation) {
  const startsOn = input.startsOn ?? dateOf(act.now)
  const errors = []
  if (input.parentId === memberId) {
    errors.push({ pointer: '/parentId', code: 'same_organisation', detail: 'must be another organisation' })
  }
  if (input.endsOn !== undefined && input.endsOn < startsOn) {
    errors.push({ pointer: '/endsOn', code: 'ends_before_it_starts', detail: 'must not lie before startsOn' })
  }
  if (errors.length > 0) throw invalid(undefined, { errors })
  return { startsOn, endsOn: input.endsOn ?? null }
}

async function refuseCircle(tx: Tx, act: Act, sides: { memberId: string; parentId: string }): Promise<void> {
  if (await standsAbove(tx, sides, dateOf(act.now))) throw affiliationCircle()
}

/** Today, but never before the first day, and never later than it would have ended anyway. */
function lastDay(act: Act, { startsOn, endsOn }: { startsOn: string; endsOn: string | null }): string {
  const today = dateOf(act.now)
  if (today < startsOn) return startsOn
  return endsOn !== null && endsOn < today ? endsOn : today
}
