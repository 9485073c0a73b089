import { belongsTo, type Caller } from '../../platform/access.ts'
import {
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { dateOf } from '../../platform/clock.ts'
import { bypassRls, type Db, type Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { stateAfter } from '../../platform/lifecycle/lifecycle.ts'
import { forbidden, invalidBecause, type Fault } from '../../platform/problems.ts'
import { requireVersion, updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { AllowedHistory, AskedMove } from '../../platform/lifecycle/transitions.ts'
import { accessOrganisation } from '../actions.ts'
import type { OrganisationKind, OrganisationStatus } from '../lifecycle.ts'
import { mayRead } from '../policy.ts'
import { affiliationCircle, affiliationNotFound, cannotAffiliate } from '../problems.ts'
import { organisationById } from '../queries.ts'
import { lockStatuses } from '../status/queries.ts'
import { affiliationLifecycle, parentKinds } from './lifecycle.ts'
import { allowedMoves, mandateToMove } from './policy.ts'
import {
  affiliationById,
  affiliationsOf,
  lockAffiliation,
  lockConfirmations,
  isAncestor,
  type AffiliationRow,
} from './queries.ts'
import type { AffiliationListParameters, RequestAffiliation } from './schemas.ts'
import { affiliations } from './tables.ts'

/**
 * The statuses in which an organisation can join or be joined. An unclaimed one has nobody to confirm yet, but may have
 * later.
 */
const joinableStatuses: readonly OrganisationStatus[] = ['unclaimed', 'provisional', 'verified']

export async function readAffiliation(db: Db, context: ActionContext, id: string) {
  const row = await affiliationById(db, context, id)
  if (!row) throw affiliationNotFound()
  return presentAffiliation(context.caller, row)
}

export async function listAffiliations(
  db: Db,
  context: ActionContext,
  organisationId: string,
  query: AffiliationListParameters,
) {
  await accessOrganisation(db, context, organisationId)
  const page = await affiliationsOf(db, context, organisationId, query)
  return { ...page, data: page.data.map((row) => presentAffiliation(context.caller, row)) }
}

/** Allows the history to all who may read the affiliation, but the reasons only to its two sides. */
export async function allowHistory(context: ActionContext, id: string): Promise<AllowedHistory> {
  const { caller } = context
  const { version, memberId, parentId } = await readAffiliation(context.read, context, id)
  return { version, isWithoutReasons: !belongsTo(caller, memberId) && !belongsTo(caller, parentId) }
}

const presentAffiliation = (caller: Caller, row: AffiliationRow) => ({
  ...row,
  allowedMoves: allowedMoves(caller, row),
})

/** Requests an affiliation. Only the two sides see it until the parent confirms. */
export function requestAffiliation(context: ActionContext, memberId: string, input: RequestAffiliation) {
  return transaction(context, async (tx) => {
    const member = await accessOrganisation(tx, context, memberId)
    const mandate = await requireMandate(tx, context, memberId, 'administer')
    const parent = await organisationById(tx, input.parentId)
    const visibleParent = parent && mayRead(context.caller, parent) ? parent : undefined
    const period = periodOf(context, input)
    const faults = [...parentFaults(member, visibleParent), ...periodFaults(period)]
    if (faults.length > 0) throw invalidBecause(...faults)
    await requireJoinable(tx, [memberId, input.parentId])
    const id = timeOrderedId()
    await tx.insert(affiliations).values({
      id,
      createdAt: context.now,
      updatedAt: context.now,
      status: 'requested',
      memberId,
      parentId: input.parentId,
      ...period,
    })
    record(tx, context, {
      type: 'affiliation.requested',
      subjectId: id,
      subjectVersion: 1,
      organisationId: memberId,
      mandateId: mandate.id,
      details: { parentId: input.parentId },
    })
    return readAffiliation(tx, context, id)
  })
}

export function moveAffiliation(context: ActionContext, asked: AskedMove<typeof affiliationLifecycle>) {
  return transaction(context, async (tx) => {
    if (asked.move === 'confirm') await lockConfirmations(tx)
    const row = await lockAffiliation(tx, asked.id)
    if (!row) throw affiliationNotFound()
    await readAffiliation(tx, context, asked.id)
    const mandate = mandateToMove(context.caller, row, asked.move)
    if (!mandate) throw forbidden(refusalOf[asked.move])
    await lockMandate(tx, context, mandate)
    requireVersion(row, asked.version)
    const to = stateAfter(affiliationLifecycle, row.status, asked.move, allowedMoves(context.caller, row))
    if (asked.move === 'confirm') await requireConfirmable(tx, context, row)
    const change = { status: to, endsOn: asked.move === 'end' ? lastDay(context, row) : row.endsOn }
    await updateVersion(tx, context, affiliations, row, change, {
      type: 'affiliation.moved',
      organisationId: mandate.organisationId,
      mandateId: mandate.id,
      transition: { move: asked.move, from: row.status, to, reason: asked.reason },
    })
    return readAffiliation(tx, context, row.id)
  })
}

const refusalOf = {
  confirm: 'Only an administrator of the organisation to be joined can confirm it. Ask one.',
  refuse: 'Only an administrator of the organisation to be joined can refuse it. Ask one.',
  end: 'Only an administrator of one of the two organisations can end it. Ask one.',
} as const

type AffiliationSides = { memberId: string; parentId: string }
type OrganisationOfKind = { id: string; kind: OrganisationKind }

function parentFaults(member: OrganisationOfKind, parent: OrganisationOfKind | undefined): Fault[] {
  const fault = (code: string, detail: string) => [{ pointer: '/parentId', code, detail }]
  if (!parent) return fault('unknown_organisation', 'must be an organisation that you can see')
  if (parent.id === member.id) return fault('same_organisation', 'must be another organisation')
  const kinds = parentKinds[member.kind]
  return kinds.includes(parent.kind) ? [] : fault('wrong_kind', `must be one of: ${kinds.join(', ')}`)
}

type AffiliationPeriod = { startsOn: string; endsOn: string | null }

const periodOf = (context: ActionContext, asked: RequestAffiliation): AffiliationPeriod => ({
  startsOn: asked.startsOn ?? dateOf(context.now),
  endsOn: asked.endsOn ?? null,
})

function periodFaults({ startsOn, endsOn }: AffiliationPeriod): Fault[] {
  if (endsOn === null || endsOn >= startsOn) return []
  const detail = `must not be before startsOn, which is ${startsOn} in UTC`
  return [{ pointer: '/endsOn', code: 'ends_before_it_starts', detail }]
}

/**
 * Checks again at the confirmation: since the request, one side may have been suspended, merged or joined above the
 * other.
 */
async function requireConfirmable(tx: Tx, context: ActionContext, sides: AffiliationSides): Promise<void> {
  await requireJoinable(tx, [sides.memberId, sides.parentId])
  if (await isAncestor(bypassRls(tx), sides, dateOf(context.now))) throw affiliationCircle()
}

async function requireJoinable(tx: Tx, ids: readonly string[]): Promise<void> {
  const statuses = await lockStatuses(tx, ids)
  if (!statuses.every(({ status }) => joinableStatuses.includes(status))) throw cannotAffiliate()
}

/** Returns today, but not before the first day and not after the planned last day. */
function lastDay(
  context: ActionContext,
  { startsOn, endsOn }: { startsOn: string; endsOn: string | null },
): string {
  const today = dateOf(context.now)
  if (today < startsOn) return startsOn
  return endsOn !== null && endsOn < today ? endsOn : today
}
