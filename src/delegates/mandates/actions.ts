import { belongsTo, mandateFor, type Caller, type Power } from '../../platform/access.ts'
import {
  requireMandate,
  lockMandate,
  transaction,
  type ActionContext,
} from '../../platform/actions/action-context.ts'
import { dateOf, todayInUtc } from '../../platform/clock.ts'
import { type Db, type Tx } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger/ledger.ts'
import { statesOf, stateAfter } from '../../platform/lifecycle/lifecycle.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { requireVersion, updateVersion } from '../../platform/ledger/versioned-update.ts'
import type { Sweep } from '../../platform/jobs/sweeps.ts'
import type { AskedMove } from '../../platform/lifecycle/transitions.ts'
import { accessOrganisation } from '../../organisations/actions.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { isSelf, mayReadMandate, openMandateStatuses } from '../policy.ts'
import { mandateNotFound } from '../problems.ts'
import { lockDelegateShared, visibleDelegates } from '../queries.ts'
import { mandateLifecycle, powersOfOffice, type MandateMove, type MandateStatus } from './lifecycle.ts'
import { allowedMoves } from './policy.ts'
import {
  overdueMandates,
  expireMandate,
  lockMandateRow,
  lockActiveMandates,
  mandateById,
  mandatesOfOrganisation,
  type MandateRow,
} from './queries.ts'
import {
  isSoleUnverifiedMember,
  requireOtherAdministrator,
  revokeCreatedByMandate,
} from './administration.ts'
import type { GiveMandate, MandateListParameters } from './schemas.ts'
import { mandates } from './tables.ts'

export async function readMandate(db: Db, context: ActionContext, id: string) {
  const row = await mandateById(db, id)
  if (!row || !mayReadMandate(context.caller, row)) throw mandateNotFound()
  return presentMandate(context.caller, row)
}

/** Lists mandates for members of the organisation; ended ones only for administrators. */
export async function listMandates(
  db: Db,
  context: ActionContext,
  organisationId: string,
  query: MandateListParameters,
) {
  await accessOrganisation(db, context, organisationId)
  if (!belongsTo(context.caller, organisationId)) {
    throw forbidden(
      'Only delegates with a mandate in the organisation can list its mandates. Ask its secretary.',
    )
  }
  const administers = mandateFor(context.caller, organisationId, 'administer') !== undefined
  const among = administers ? statesOf(mandateLifecycle) : openMandateStatuses
  const page = await mandatesOfOrganisation(db, organisationId, among, query)
  return { ...page, data: page.data.map((row) => presentMandate(context.caller, row)) }
}

const presentMandate = (caller: Caller, row: MandateRow) => ({
  ...row,
  allowedMoves: allowedMoves(caller, row),
})

/** Gives a mandate. One from an administrator is active; one that a delegate claims waits for an administrator. */
export function giveMandate(context: ActionContext, organisationId: string, input: GiveMandate) {
  return transaction(context, async (tx) => {
    const organisation = await accessOrganisation(tx, context, organisationId)
    const administering = mandateFor(context.caller, organisationId, 'administer')
    if (administering) await lockMandate(tx, context, administering)
    else if (!isSelf(context.caller, input.delegateId))
      throw forbidden(
        'Only an administrator of the organisation can give a mandate to somebody else. Ask one.',
      )
    const [delegate] = await visibleDelegates(tx, context, { id: input.delegateId, limit: 1 })
    if (!delegate) throw unknownDelegate()
    if (!administering && delegate.organisationId !== organisationId)
      throw forbidden(
        'Only a delegate whom this organisation added can claim an office in it. Ask its secretary for the mandate.',
      )
    await lockDelegateShared(tx, delegate.id)
    const powers = grantedPowers(input, organisation.kind)
    const status = administering ? 'active' : 'submitted'
    const id = await insertMandate(tx, context, organisationId, { ...input, powers, status })
    record(tx, context, {
      type: `mandate.${status === 'active' ? 'activated' : 'submitted'}`,
      subjectId: id,
      subjectVersion: 1,
      organisationId,
      mandateId: administering?.id,
      details: { delegateId: input.delegateId, office: input.office, powers },
    })
    return readMandate(tx, context, id)
  })
}

const unknownDelegate = () =>
  invalidBecause({
    pointer: '/delegateId',
    code: 'unknown_delegate',
    detail: 'must be a delegate that you can see',
  })

export function moveMandate(context: ActionContext, asked: AskedMove<typeof mandateLifecycle>) {
  return transaction(context, async (tx) => {
    const row = await lockMandateToMove(tx, context, asked)
    const isResignation = asked.move === 'recall' && isSelf(context.caller, row.delegateId)
    const mandate = isResignation
      ? row
      : await requireMandate(tx, context, row.organisationId, 'administer', onlyIssuingAdministrators)
    requireVersion(row, asked.version)
    if (asked.move === 'recall') await requireOtherAdministrator(tx, context, row)
    await carryOut(tx, context, row, {
      ...asked,
      mandateId: mandate.id,
      open: allowedMoves(context.caller, row),
    })
    // A person who has just resigned their last mandate may still read it.
    return presentMandate(context.caller, (await mandateById(tx, row.id)) as MandateRow)
  })
}

const onlyIssuingAdministrators = () =>
  forbidden('Only an administrator of the organisation that gives the mandate can do this. Ask one.')

type LockedMandate = typeof mandates.$inferSelect
type MandateTransition = {
  move: MandateMove
  reason?: string | undefined
  mandateId: string | null
  open: readonly MandateMove[]
}

async function carryOut(
  tx: Tx,
  context: ActionContext,
  row: LockedMandate,
  { move, reason, mandateId, open }: MandateTransition,
) {
  const to = stateAfter(mandateLifecycle, row.status, move, open)
  const { organisationId, delegateId: aboutId } = row
  const transition = { move, from: row.status, to, reason }
  const entry = { type: 'mandate.moved', organisationId, mandateId, transition, aboutId } as const
  await updateVersion(tx, context, mandates, row, { status: to }, entry)
  if (move === 'recall') await revokeCreatedByMandate(tx, context, row, mandateId)
}

/**
 * Revokes the mandates and claims of an erased person, whose row is locked so that none is added. An administrator must
 * remain, except when the job repeats an erasure: that person's key is already shredded.
 */
export async function revokeMandatesOf(
  tx: Tx,
  context: ActionContext,
  delegateId: string,
  mandateId: string | null,
) {
  for (const row of await lockActiveMandates(tx, delegateId)) {
    const move = row.status === 'active' ? 'recall' : 'refuse'
    if (move === 'recall' && context.caller.kind !== 'system')
      await requireOtherAdministrator(tx, context, row, isSoleUnverifiedMember)
    await carryOut(tx, context, row, { move, mandateId, open: [] })
  }
}

/**
 * Locks the organisation before any mandate in it, so that two secretaries who recall each other do not leave it
 * without one.
 */
async function lockMandateToMove(
  tx: Tx,
  context: ActionContext,
  { id, move }: { id: string; move: MandateMove },
) {
  const known = await mandateById(tx, id)
  if (!known || !mayReadMandate(context.caller, known)) throw mandateNotFound()
  if (move === 'recall') await lockOrganisation(tx, known.organisationId)
  const row = await lockMandateRow(tx, id)
  if (!row) throw mandateNotFound()
  return row
}

/** Expires mandates on the day after their last day. Called by a job. */
export const mandateExpiry: Sweep = {
  due: overdueMandates,
  carryOut: async (tx, context, id) => {
    const expired = await expireMandate(tx, id, context.now)
    if (!expired) return false
    record(tx, context, {
      type: 'mandate.moved',
      subjectId: id,
      subjectVersion: expired.version,
      organisationId: expired.organisationId,
      transition: { move: 'expire', from: 'active', to: 'expired' },
    })
    await revokeCreatedByMandate(tx, context, expired, null)
    return true
  },
}

function grantedPowers(input: GiveMandate, organisationKind: string): Power[] {
  const granted = [...new Set(input.powers ?? powersOfOffice[input.office])]
  if (organisationKind === 'coordination') return granted
  if (!input.powers?.includes('vouch')) return granted.filter((power) => power !== 'vouch')
  throw invalidBecause({
    pointer: '/powers',
    code: 'not_a_coordination',
    detail: 'only a coordination can give the power to vouch',
  })
}

type NewMandate = GiveMandate & { powers: Power[]; status: MandateStatus }

async function insertMandate(
  tx: Tx,
  context: ActionContext,
  organisationId: string,
  input: NewMandate,
): Promise<string> {
  const startsOn = input.startsOn ?? dateOf(context.now)
  if (input.endsOn !== undefined && input.endsOn < dateOf(context.now)) {
    const detail = `must not be before ${todayInUtc(context.now)}`
    throw invalidBecause({ pointer: '/endsOn', code: 'already_over', detail })
  }
  if (input.endsOn !== undefined && input.endsOn < startsOn) {
    throw invalidBecause({
      pointer: '/endsOn',
      code: 'ends_before_it_starts',
      detail: `must not be before startsOn, which is ${startsOn} in UTC`,
    })
  }
  const id = timeOrderedId()
  await tx.insert(mandates).values({
    id,
    createdAt: context.now,
    updatedAt: context.now,
    status: input.status,
    delegateId: input.delegateId,
    organisationId,
    office: input.office,
    powers: input.powers,
    startsOn,
    endsOn: input.endsOn ?? null,
    evidence: input.evidence ?? null,
  })
  return id
}
