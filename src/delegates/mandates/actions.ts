import { belongsTo, mandateFor, type Caller, type Power } from '../../platform/access.ts'
import { holdMandate, holdStill, transaction, type Act } from '../../platform/act.ts'
import { dateOf, todayInUtc } from '../../platform/clock.ts'
import { beyond, type Db, type Tx } from '../../platform/database.ts'
import { orderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { movesFrom, statesOf, stateAfter } from '../../platform/lifecycle.ts'
import { forbidden, invalidBecause } from '../../platform/problems.ts'
import { demandVersion, revise } from '../../platform/revising.ts'
import type { Sweep } from '../../platform/sweep.ts'
import type { AskedMove } from '../../platform/transitions.ts'
import { accessOrganisation } from '../../organisations/actions.ts'
import { revokeInvitations } from '../../organisations/invitations/actions.ts'
import { organisationLifecycle, type OrganisationStatus } from '../../organisations/lifecycle.ts'
import { isVouchedFor } from '../../organisations/policy.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { isSelf, mayReadMandate, standingStatuses } from '../policy.ts'
import { lastAdministrator, mandateNotFound } from '../problems.ts'
import { holdDelegate, visibleDelegates } from '../queries.ts'
import { endWhatTheyMade } from '../tokens/ending.ts'
import { mandateLifecycle, powersOfOffice, type MandateMove, type MandateStatus } from './lifecycle.ts'
import { allowedMoves } from './policy.ts'
import {
  administersOtherwise,
  endedMandates,
  expireEndedMandate,
  hasOtherAdministrator,
  hasOtherPeople,
  lockMandate,
  lockStandingMandates,
  mandateById,
  mandatesOfOrganisation,
  type MandateRow,
} from './queries.ts'
import type { GiveMandate, MandateListParameters } from './schemas.ts'
import { mandates } from './tables.ts'

export async function readMandate(db: Db, caller: Caller, id: string) {
  const row = await mandateById(db, id)
  if (!row || !mayReadMandate(caller, row)) throw mandateNotFound()
  return present(caller, row)
}

/** For members of the organisation; those that have ended, for who administers it. */
export async function listMandates(
  db: Db,
  caller: Caller,
  organisationId: string,
  query: MandateListParameters,
) {
  await accessOrganisation(db, caller, organisationId)
  if (!belongsTo(caller, organisationId)) {
    throw forbidden(
      'Only those who hold a mandate in the organisation may read who else does. Ask its secretary.',
    )
  }
  const administers = mandateFor(caller, organisationId, 'administer') !== undefined
  const among = administers ? statesOf(mandateLifecycle) : standingStatuses
  const page = await mandatesOfOrganisation(db, organisationId, among, query)
  return { ...page, data: page.data.map((row) => present(caller, row)) }
}

const present = (caller: Caller, row: MandateRow) => ({ ...row, allowedMoves: allowedMoves(caller, row) })

/** A secretary's word is enough; what delegates claim for themselves waits for the secretary. */
export function giveMandate(act: Act, organisationId: string, input: GiveMandate) {
  return transaction(act, async (tx) => {
    const organisation = await accessOrganisation(tx, act.caller, organisationId)
    const administering = mandateFor(act.caller, organisationId, 'administer')
    if (administering) await holdStill(tx, act, administering)
    else if (!isSelf(act.caller, input.delegateId))
      throw forbidden(
        'Giving a mandate to others needs a live mandate with the power "administer". Ask the secretary.',
      )
    const [delegate] = await visibleDelegates(tx, act.caller, { id: input.delegateId, limit: 1 })
    if (!delegate) throw unknownDelegate()
    if (!administering && delegate.organisationId !== organisationId)
      throw forbidden(
        'An office can be claimed only by delegates whom this organisation made known. Ask its secretary to give you the mandate.',
      )
    await holdDelegate(tx, delegate.id)
    const powers = grantedPowers(input, organisation.kind)
    const status = administering ? 'active' : 'submitted'
    const id = await insertMandate(tx, act, organisationId, { ...input, powers, status })
    await record(tx, act, {
      type: `mandate.${status === 'active' ? 'activated' : 'submitted'}`,
      subjectId: id,
      subjectVersion: 1,
      organisationId,
      mandateId: administering?.id,
      details: { delegateId: input.delegateId, office: input.office, powers },
    })
    return readMandate(tx, act.caller, id)
  })
}

const unknownDelegate = () =>
  invalidBecause({
    pointer: '/delegateId',
    code: 'unknown_delegate',
    detail: 'is no delegate that you can see',
  })

export function moveMandate(act: Act, asked: AskedMove<typeof mandateLifecycle>) {
  return transaction(act, async (tx) => {
    const row = await lockToMove(tx, act, asked)
    const laidDown = asked.move === 'recall' && isSelf(act.caller, row.delegateId)
    const mandate = laidDown
      ? row
      : await holdMandate(tx, act, row.organisationId, 'administer', onlyWhoGivesIt)
    demandVersion(row, asked.version)
    if (asked.move === 'recall') await keepAdministered(tx, act, row)
    await carryOut(tx, act, row, { ...asked, mandateId: mandate.id, open: allowedMoves(act.caller, row) })
    // Who has just laid down their last mandate may still read what they did.
    return present(act.caller, (await mandateById(tx, row.id)) as MandateRow)
  })
}

const onlyWhoGivesIt = () =>
  forbidden(
    'This needs a live mandate with the power "administer" in the organisation that gives the mandate.',
  )

type Locked = typeof mandates.$inferSelect
type Carried = {
  move: MandateMove
  reason?: string | undefined
  mandateId: string | null
  open: readonly MandateMove[]
}

async function carryOut(tx: Tx, act: Act, row: Locked, { move, reason, mandateId, open }: Carried) {
  const to = stateAfter(mandateLifecycle, row.status, move, open)
  const { organisationId, delegateId: aboutId } = row
  const transition = { move, from: row.status, to, reason }
  const told = { type: 'mandate.moved', organisationId, mandateId, transition, aboutId } as const
  await revise(tx, act, mandates, row, { status: to }, told)
  if (move === 'recall') await endWhatItGave(tx, act, row, mandateId)
}

/** What was created by this mandate ends with it. Whoever ends it may have no right to change that otherwise. */
async function endWhatItGave(tx: Tx, act: Act, ended: Held, byMandateId: string | null): Promise<void> {
  await revokeInvitations(beyond(tx), act, { mandateId: ended.id }, byMandateId)
  await endAdministration(tx, act, ended, byMandateId)
}

/**
 * Ends what an erased person holds or claims; their row is locked, so that nothing is added. Somebody must be left to
 * administer, but not for the job's sake: whose key is shredded is gone already.
 */
export async function endMandatesOf(tx: Tx, act: Act, delegateId: string, mandateId: string | null) {
  for (const row of await lockStandingMandates(tx, delegateId)) {
    const move = row.status === 'active' ? 'recall' : 'refuse'
    if (move === 'recall' && act.caller.kind !== 'system')
      await keepAdministered(tx, act, row, isLeftByNobody)
    await carryOut(tx, act, row, { move, mandateId, open: [] })
  }
}

/**
 * Two secretaries who recall each other at once would leave nobody, so recalls in one organisation wait for each
 * other: each locks the organisation before it locks any mandate.
 */
async function lockToMove(tx: Tx, act: Act, { id, move }: { id: string; move: MandateMove }) {
  const known = await mandateById(tx, id)
  if (!known || !mayReadMandate(act.caller, known)) throw mandateNotFound()
  if (move === 'recall') await lockOrganisation(tx, known.organisationId)
  const row = await lockMandate(tx, id)
  if (!row) throw mandateNotFound()
  return row
}

/** Called by a job: the day after its last day, a mandate is over. */
export const expiringMandates: Sweep = {
  due: endedMandates,
  carryOut: async (tx, act, id) => {
    const ended = await expireEndedMandate(tx, id, act.now)
    if (!ended) return false
    await record(tx, act, {
      type: 'mandate.moved',
      subjectId: id,
      subjectVersion: ended.version,
      organisationId: ended.organisationId,
      transition: { move: 'expire', from: 'active', to: 'expired' },
    })
    await endWhatItGave(tx, act, ended, null)
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

async function insertMandate(tx: Tx, act: Act, organisationId: string, input: NewMandate): Promise<string> {
  const startsOn = input.startsOn ?? dateOf(act.now)
  if (input.endsOn !== undefined && input.endsOn < dateOf(act.now)) {
    const detail = `must not lie before ${todayInUtc(act.now)}`
    throw invalidBecause({ pointer: '/endsOn', code: 'already_over', detail })
  }
  if (input.endsOn !== undefined && input.endsOn < startsOn) {
    throw invalidBecause({
      pointer: '/endsOn',
      code: 'ends_before_it_starts',
      detail: `must not lie before startsOn, which is ${startsOn} in UTC`,
    })
  }
  const id = orderedId()
  await tx.insert(mandates).values({
    id,
    createdAt: act.now,
    updatedAt: act.now,
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

type Held = { id: string; delegateId: string; organisationId: string; powers: Power[] }

type Standing = { status: OrganisationStatus }

/** Nothing is left to administer. */
const isOver = ({ status }: Standing): boolean => movesFrom(organisationLifecycle, status).length === 0

/** Who has lost the last mandate to administer leaves nothing behind that acts by it. */
async function endAdministration(tx: Tx, act: Act, ended: Held, byMandateId: string | null): Promise<void> {
  if (!ended.powers.includes('administer') || (await administersOtherwise(tx, ended))) return
  // Also of those who lay down a mandate by which they administer nothing yet, or, under a seal, nothing any more.
  await endWhatTheyMade(beyond(tx), act, ended, byMandateId)
}

/** Whether they are alone where nobody has vouched: there is nobody who could dissolve it, and it lapses by itself. */
const isLeftByNobody = async (tx: Tx, row: Held, { status }: Standing): Promise<boolean> =>
  !isVouchedFor(status) && !(await hasOtherPeople(tx, row))

/**
 * Under the organisation's lock, so that of two who leave at once the second finds themselves the last. `mayBeLeft` lets go
 * of an organisation that nobody needs to administer.
 */
async function keepAdministered(
  tx: Tx,
  act: Act,
  row: Held,
  mayBeLeft?: (tx: Tx, row: Held, organisation: Standing) => Promise<boolean>,
): Promise<void> {
  if (!row.powers.includes('administer')) return
  const organisation = await lockOrganisation(tx, row.organisationId)
  if (!organisation || isOver(organisation) || (await mayBeLeft?.(tx, row, organisation))) return
  // Whether the others hold a token is for no colleague to read.
  if (!(await hasOtherAdministrator(beyond(tx), row.organisationId, row.id, act.now)))
    throw lastAdministrator()
}
