import { eq } from 'drizzle-orm'
import { mandateFor, type Caller, type Power } from '../../platform/access.ts'
import { holdMandate, holdStill, transaction, type Act } from '../../platform/act.ts'
import { dateOf } from '../../platform/clock.ts'
import type { Db, Tx } from '../../platform/database.ts'
import { orderedId } from '../../platform/ids.ts'
import { record } from '../../platform/ledger.ts'
import { movesFrom, stateAfter } from '../../platform/lifecycle.ts'
import { forbidden, invalid, staleVersion } from '../../platform/problems.ts'
import type { AskedMove } from '../../platform/transitions.ts'
import { accessOrganisation } from '../../organisations/actions.ts'
import { lockOrganisation } from '../../organisations/queries.ts'
import { accessDelegate } from '../actions.ts'
import { isSelf, mayReadMandate } from '../policy.ts'
import { lastAdministrator, mandateNotFound } from '../problems.ts'
import { mandateLifecycle, powersOfOffice, type MandateStatus } from './lifecycle.ts'
import {
  expireEndedMandates,
  hasOtherAdministrator,
  lockMandate,
  mandateById,
  mandatesOfOrganisation,
} from './queries.ts'
import type { MandateRow } from './queries.ts'
import type { GiveMandate, MandateListParameters } from './schemas.ts'
import { mandates } from './tables.ts'

type MandateMove = 'activate' | 'refuse' | 'recall' | 'expire'

export async function readMandate(db: Db, caller: Caller, id: string) {
  const row = await mandateById(db, id)
  if (!row || !mayReadMandate(caller, row)) throw mandateNotFound()
  return present(caller, row)
}

/** For members of the organisation; to others it is as if it had none. */
export async function listMandates(
  db: Db,
  caller: Caller,
  organisationId: string,
  query: MandateListParameters,
) {
  await accessOrganisation(db, caller, organisationId)
  if (!('mandates' in caller && caller.mandates.some((one) => one.organisationId === organisationId))) {
    throw forbidden('Only those who hold a mandate in the organisation may read who else does.')
  }
  const page = await mandatesOfOrganisation(db, organisationId, query)
  return { ...page, data: page.data.map((row) => present(caller, row)) }
}

const present = (caller: Caller, row: MandateRow) => ({ ...row, allowedMoves: allowedMoves(caller, row) })

function allowedMoves(caller: Caller, row: MandateRow): MandateMove[] {
  return movesFrom(mandateLifecycle, row.status).filter((move) => mayMove(caller, row, move))
}

/** The issuing organisation decides; whoever holds a mandate may always lay it down. */
function mayMove(
  caller: Caller,
  row: { organisationId: string; delegateId: string },
  move: MandateMove,
): boolean {
  if (move === 'expire') return false
  if (move === 'recall' && isSelf(caller, row.delegateId)) return true
  return mandateFor(caller, row.organisationId, 'administer') !== undefined
}

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
    const delegate = await accessDelegate(tx, act.caller, input.delegateId)
    if (!administering && delegate.organisationId !== organisationId)
      throw forbidden('You are not a delegate of it.')
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

export function moveMandate(act: Act, asked: AskedMove<typeof mandateLifecycle>) {
  return transaction(act, async (tx) => {
    const row = await lockToMove(tx, act, asked)
    if (!mayMove(act.caller, row, asked.move))
      throw forbidden('Only the organisation’s secretary can do this.')
    if (asked.version !== undefined && row.version !== asked.version) throw staleVersion()
    const to = stateAfter(mandateLifecycle, row.status, asked.move)
    const laidDown = asked.move === 'recall' && isSelf(act.caller, row.delegateId)
    const mandate = laidDown ? row : await holdMandate(tx, act, row.organisationId, 'administer')
    if (asked.move === 'recall') await keepAdministered(tx, act, row)
    await tx
      .update(mandates)
      .set({ status: to, version: row.version + 1, updatedAt: act.now })
      .where(eq(mandates.id, row.id))
    await record(tx, act, {
      type: 'mandate.moved',
      subjectId: row.id,
      subjectVersion: row.version + 1,
      organisationId: row.organisationId,
      mandateId: mandate.id,
      transition: { move: asked.move, from: row.status, to, reason: asked.reason },
    })
    // Who has just laid down their last mandate may still read what they did.
    return present(act.caller, (await mandateById(tx, row.id)) as MandateRow)
  })
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
export async function expireMandates(act: Act): Promise<void> {
  await transaction(act, async (tx) => {
    for (const ended of await expireEndedMandates(tx, dateOf(act.now), act.now)) {
      await record(tx, act, {
        type: 'mandate.moved',
        subjectId: ended.id,
        subjectVersion: ended.version,
        organisationId: ended.organisationId,
        transition: { move: 'expire', from: 'active', to: 'expired' },
      })
    }
    return {}
  })
}

function grantedPowers(input: GiveMandate, organisationKind: string): Power[] {
  const granted = [...new Set(input.powers ?? powersOfOffice[input.office])]
  if (organisationKind === 'coordination') return granted
  if (!input.powers?.includes('vouch')) return granted.filter((power) => power !== 'vouch')
  throw invalid(undefined, {
    errors: [
      {
        pointer: '/powers',
        code: 'not_a_coordination',
        detail: 'only a coordination can give the power to vouch',
      },
    ],
  })
}

type NewMandate = GiveMandate & { powers: Power[]; status: MandateStatus }

async function insertMandate(tx: Tx, act: Act, organisationId: string, input: NewMandate): Promise<string> {
  const startsOn = input.startsOn ?? dateOf(act.now)
  if (input.endsOn !== undefined && input.endsOn < dateOf(act.now)) {
    throw invalid(undefined, {
      errors: [{ pointer: '/endsOn', code: 'already_over', detail: 'must not lie in the past' }],
    })
  }
  if (input.endsOn !== undefined && input.endsOn < startsOn) {
    throw invalid(undefined, {
      errors: [{ pointer: '/endsOn', code: 'ends_before_it_starts', detail: 'must not lie before startsOn' }],
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

async function keepAdministered(
  tx: Tx,
  act: Act,
  row: { id: string; organisationId: string; powers: Power[] },
) {
  if (!row.powers.includes('administer')) return
  if (!(await hasOtherAdministrator(tx, row.organisationId, row.id, act.now))) throw lastAdministrator()
}
