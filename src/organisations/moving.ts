/** The moves of an organisation's lifecycle, and the second person that some of them need. */
import { eq, sql } from 'drizzle-orm'
import { coordinatorMandate, mandateFor, type LiveMandate } from '../platform/access.ts'
import { holdStill, transaction, type Act } from '../platform/act.ts'
import { dateOf, hoursAfter } from '../platform/clock.ts'
import type { Tx } from '../platform/database.ts'
import { record } from '../platform/ledger.ts'
import { stateAfter } from '../platform/lifecycle.ts'
import { forbidden } from '../platform/problems.ts'
import type { AskedMove } from '../platform/transitions.ts'
import { lockForChange, present, rowOf } from './actions.ts'
import {
  organisationLifecycle,
  type OrganisationMove,
  type OrganisationStatus,
  type Role,
} from './lifecycle.ts'
import { rolesNeeded, rolesOf } from './policy.ts'
import { cannotMergeInto, concurrenceGiven, organisationNotFound, otherMovePending } from './problems.ts'
import { lockOrganisation } from './queries.ts'
import { organisations, type PendingMove } from './tables.ts'
import { worksites } from './worksites/tables.ts'

type Move = Exclude<OrganisationMove, 'claim'>
type Locked = Awaited<ReturnType<typeof lockForChange>>

/** How long the first person's word waits for the second's. */
const concurrenceHours = 72

export function moveOrganisation(act: Act, asked: AskedMove<typeof organisationLifecycle>) {
  return transaction(act, async (tx) => {
    const row = await lockForChange(tx, act, asked.id, asked.version)
    await moveOrAwait(tx, act, row, { move: asked.move as Move, reason: asked.reason })
    return present(act.caller, await rowOf(tx, row.id))
  })
}

/** Called for the holder of a link that was sent to it, whose authority the caller has checked. */
export async function claimOrganisation(tx: Tx, act: Act, id: string) {
  const row = await lockOrganisation(tx, id)
  if (!row) throw organisationNotFound()
  const to = stateAfter(organisationLifecycle, row.status, 'claim')
  const version = row.version + 1
  await tx
    .update(organisations)
    .set({ status: to, version, updatedAt: act.now })
    .where(eq(organisations.id, id))
  await record(tx, act, {
    type: 'organisation.moved',
    subjectId: id,
    subjectVersion: version,
    organisationId: id,
    transition: { move: 'claim', from: row.status, to },
  })
  return present(act.caller, await rowOf(tx, id))
}

export type Merger = { intoId: string; reason: string | undefined; version: number | undefined }

/** The merged one stays readable and points at its successor, whose names it lends and whose people act for it. */
export function mergeOrganisation(act: Act, id: string, { intoId, reason, version }: Merger) {
  return transaction(act, async (tx) => {
    // In order of id, so that two mergers that cross wait for each other instead of failing.
    for (const each of [id, intoId].sort()) await lockOrganisation(tx, each)
    const row = await lockForChange(tx, act, id, version)
    const into = await lockOrganisation(tx, intoId)
    if (!into || intoId === id || into.status !== 'verified' || into.pending?.move === 'merge')
      throw cannotMergeInto()
    const moved = await moveOrAwait(tx, act, row, { move: 'merge', reason, intoId })
    if (moved) await bequeath(tx, act, row, into)
    return present(act.caller, await rowOf(tx, id))
  })
}

type Asked = { move: Move; reason: string | undefined; intoId?: string }

/** Moves at once when this caller completes the roles that are needed; else notes their word. */
async function moveOrAwait(tx: Tx, act: Act, row: Locked, asked: Asked): Promise<boolean> {
  const role = await holdRole(tx, act, row, asked.move)
  // A move that the state does not allow is told only to those who could ask for it.
  const to = stateAfter(organisationLifecycle, row.status, asked.move)
  const needed = rolesNeeded(row, asked.move)
  const alone = !needsTwo(asked.move)
  if (alone || (await secondWord(tx, act, row, asked, { role, needed }))) {
    await carryOut(tx, act, row, asked, { role, to })
    return true
  }
  await awaitSecond(tx, act, row, asked, role)
  return false
}

const needsTwo = (move: Move): boolean => ['suspend', 'reinstate', 'dissolve', 'merge'].includes(move)

type Roles = { role: Role; needed: readonly Role[] }

/** Whether someone else's live word is there that this one completes. */
async function secondWord(
  tx: Tx,
  act: Act,
  row: Locked,
  asked: Asked,
  { role, needed }: Roles,
): Promise<boolean> {
  const first = livePending(row, act.now)
  // The word of somebody whose mandate has ended since then counts no more.
  if (!first || !(await stillGood(tx, act, first))) return false
  // Nobody keeps a suspension away by asking for something else first.
  if (asked.move === 'suspend' && first.role === 'representative') return false
  if (first.move !== asked.move || first.intoId !== asked.intoId) throw otherMovePending()
  if (first.delegateId === personOf(act) || !completes(needed, first.role, role)) throw concurrenceGiven()
  return true
}

async function stillGood(tx: Tx, act: Act, { mandateId }: PendingMove): Promise<boolean> {
  const { rows } = await tx.execute(
    sql`select 1 from mandates m join organisations o on o.id = m.organisation_id
      where m.id = ${mandateId} and m.status = 'active' and (m.ends_on is null or m.ends_on >= ${dateOf(act.now)}::date)
        and o.status in ('provisional', 'verified', 'rejected') for share`,
  )
  return rows.length > 0
}

const completes = (needed: readonly Role[], first: Role, second: Role): boolean =>
  [first, second].sort().join() === [...needed].sort().join()

const livePending = (row: Locked, now: string): PendingMove | undefined =>
  row.pending && row.pending.until > now ? row.pending : undefined

const personOf = (act: Act): string => {
  // An API client is a system, and two of its calls would not be two persons.
  if (act.caller.kind !== 'delegate')
    throw forbidden('This decision needs a delegate with a token of their own.')
  return act.caller.delegateId
}

async function awaitSecond(tx: Tx, act: Act, row: Locked, asked: Asked, role: Role): Promise<void> {
  const pending: PendingMove = {
    move: asked.move,
    role,
    delegateId: personOf(act),
    mandateId: actingMandate(act, row.id, role)?.id ?? null,
    until: hoursAfter(act.now, concurrenceHours),
    intoId: asked.intoId,
  }
  await tx
    .update(organisations)
    .set({ pending, version: row.version + 1, updatedAt: act.now })
    .where(eq(organisations.id, row.id))
  await record(tx, act, {
    type: 'organisation.concurrence_given',
    subjectId: row.id,
    subjectVersion: row.version + 1,
    organisationId: row.id,
    mandateId: actingMandate(act, row.id, role)?.id,
    details: { move: asked.move, role },
  })
}

type Outcome = { role: Role; to: OrganisationStatus }

async function carryOut(tx: Tx, act: Act, row: Locked, asked: Asked, { role, to }: Outcome): Promise<void> {
  await tx
    .update(organisations)
    .set({
      status: to,
      pending: null,
      mergedIntoId: asked.intoId ?? null,
      version: row.version + 1,
      updatedAt: act.now,
    })
    .where(eq(organisations.id, row.id))
  await record(tx, act, {
    type: 'organisation.moved',
    subjectId: row.id,
    subjectVersion: row.version + 1,
    organisationId: row.id,
    mandateId: actingMandate(act, row.id, role)?.id,
    transition: { move: asked.move, from: row.status, to, reason: asked.reason },
  })
}

/** The role in which the caller acts, its mandate held to the end of the transaction. */
async function holdRole(tx: Tx, act: Act, row: Locked, move: Move): Promise<Role> {
  const held = rolesOf(act.caller, row)
  const role = rolesNeeded(row, move).find((needed) => held.includes(needed))
  if (!role) throw forbidden(whoCould(rolesNeeded(row, move)))
  const mandate = actingMandate(act, row.id, role)
  if (mandate) await holdStill(tx, act, mandate)
  return role
}

function actingMandate(act: Act, id: string, role: Role): LiveMandate | undefined {
  if (role === 'coordinator') return coordinatorMandate(act.caller)
  return role === 'representative' ? mandateFor(act.caller, id, 'administer') : undefined
}

const whoCould = (needed: readonly Role[]): string =>
  `This is for ${needed.includes('coordinator') ? 'a coordinator of another, verified coordination' : 'a secretary'}${
    needed.includes('representative') && needed.length > 1
      ? ' together with the organisation’s own secretary'
      : ''
  }.`

/** Names and worksites pass to the successor; pacts and mandates stay where they were signed. */
async function bequeath(tx: Tx, act: Act, from: Locked, into: Locked): Promise<void> {
  const names = [from.name, ...from.nameVariants, ...(from.abbreviation ? [from.abbreviation] : [])]
  const variants = [...new Set([...into.nameVariants, ...names])].filter((name) => name !== into.name)
  await tx
    .update(organisations)
    .set({ nameVariants: variants, version: into.version + 1, updatedAt: act.now })
    .where(eq(organisations.id, into.id))
  await tx
    .update(worksites)
    .set({ organisationId: into.id, version: sql`${worksites.version} + 1`, updatedAt: act.now })
    .where(eq(worksites.organisationId, from.id))
  // Whoever was merged into the one that goes now is kept by the people of its successor.
  await tx
    .update(organisations)
    .set({ mergedIntoId: into.id, version: sql`${organisations.version} + 1`, updatedAt: act.now })
    .where(eq(organisations.mergedIntoId, from.id))
  await record(tx, act, {
    type: 'organisation.succeeded',
    subjectId: into.id,
    subjectVersion: into.version + 1,
    organisationId: into.id,
    details: { mergedId: from.id },
  })
}
