/** The moves of an organisation's lifecycle, and the second person that some of them need. */
import { coordinatorMandate, mandateFor, type LiveMandate } from '../platform/access.ts'
import { holdMandate, holdStill, transaction, type Act } from '../platform/act.ts'
import { daysAfter, hoursAfter } from '../platform/clock.ts'
import { beyond, type Tx } from '../platform/database.ts'
import { recordAll, type Entry } from '../platform/ledger.ts'
import { stateAfter } from '../platform/lifecycle.ts'
import type { Precondition } from '../platform/preconditions.ts'
import { forbidden, invalidBecause } from '../platform/problems.ts'
import { demandVersion, revise } from '../platform/revising.ts'
import type { AskedMove } from '../platform/transitions.ts'
import { livePending, lockReadable, present, rowOf, vouchDays } from './actions.ts'
import {
  organisationLifecycle,
  type Concurrence,
  type DecidedMove,
  type OrganisationMove,
  type OrganisationStatus,
  type Role,
  type PendingMove,
} from './lifecycle.ts'
import { requireComparison } from './possible-duplicates/actions.ts'
import { namesOf, skeletonColumns } from './possible-duplicates/queries.ts'
import { administers, allowedMoves, mayRead, mayReceive, rolesNeeded, rolesOf, waysToMove } from './policy.ts'
import {
  anotherCoordinationNeeded,
  cannotMergeInto,
  concurrenceGiven,
  organisationNotFound,
  otherMovePending,
  receiverNeeded,
} from './problems.ts'
import { lockOrganisation, replaceSuccessor } from './queries.ts'
import { holdWord } from './standing/queries.ts'
import { nothingWaits, organisations } from './tables.ts'
import { handOverWorksites } from './worksites/queries.ts'

type Locked = Awaited<ReturnType<typeof lockReadable>>

/** How long the first person's word waits for the second's. */
export const concurrenceHours = 72

export function moveOrganisation(act: Act, asked: AskedMove<typeof organisationLifecycle>) {
  return transaction(act, async (tx) => {
    const row = await lockReadable(tx, act, asked.id)
    // The routes take no other.
    const move = asked.move as DecidedMove
    const acting = await holdRole(tx, act, row, move)
    demandVersion(row, asked.version)
    // What its state does not allow is told first.
    statusAfter(act, row, move)
    if (move === 'verify')
      await requireComparison(tx, act, { ...row, names: namesOf(row) }, asked.acknowledged)
    await moveOrAwait(tx, act, row, { move, reason: asked.reason }, acting)
    return present(act, await rowOf(tx, row.id))
  })
}

/** Called for the holder of a link that was sent to it, whose authority the caller has checked. */
export async function claimOrganisation(tx: Tx, act: Act, id: string, byLinkOf: string) {
  const row = await lockOrganisation(tx, id)
  if (!row) throw organisationNotFound()
  const to = statusAfter(act, row, 'claim')
  const transition = { move: 'claim', from: row.status, to }
  const details = { byLinkOf }
  const told = { type: 'organisation.moved', organisationId: id, transition, details } as const
  const change = { status: to, vouchBy: vouchByAfter(act, to), claimedAt: act.now }
  await revise(tx, act, organisations, row, change, told)
  return present(act, await rowOf(tx, id))
}

export type Merger = { intoId: string; reason: string | undefined; version: Precondition }

/** The merged one stays readable and points at its successor, whose names it lends and whose people act for it. */
export function mergeOrganisation(act: Act, id: string, { intoId, reason, version }: Merger) {
  return transaction(act, async (tx) => {
    // In order of id, so that two mergers that cross wait for each other instead of failing.
    for (const each of [id, intoId].sort()) await lockOrganisation(tx, each)
    const row = await lockReadable(tx, act, id)
    const waiting = waitingFor(act, row, intoId)
    if (waiting && mayReceive(act.caller, waiting)) return receive(tx, act, row, waiting, version)
    if (waiting && rolesOf(act.caller, row).length === 0 && administers(act.caller, intoId))
      throw concurrenceGiven()
    const acting = await holdRole(tx, act, row, 'merge')
    demandVersion(row, version)
    const into = await successorOf(tx, act, row, intoId)
    const moved = await moveOrAwait(tx, act, row, { move: 'merge', reason, intoId }, acting)
    if (moved) await bequeath(tx, act, row, into, acting)
    return present(act, await rowOf(tx, id))
  })
}

/** The merger into this one that somebody has asked for. */
function waitingFor(act: Act, row: Locked, intoId: string): Merging | undefined {
  const pending = livePending(row, act.now)
  return pending?.move === 'merge' && pending.intoId === intoId ? { ...pending, intoId } : undefined
}

type Merging = PendingMove & { intoId: string }

/** Nobody is merged into an organisation that did not agree: its pacts and its people become that one's business. */
async function receive(tx: Tx, act: Act, row: Locked, waiting: Merging, version: Precondition) {
  const { id: mandateId } = await holdMandate(tx, act, waiting.intoId, 'administer')
  demandVersion(row, version)
  const delegateId = personOf(act)
  if (delegateId === waiting.delegateId) throw concurrenceGiven()
  const pending: PendingMove = { ...waiting, receiver: { delegateId, mandateId } }
  const details = { intoId: waiting.intoId }
  const by = { organisationId: waiting.intoId, mandateId }
  // It is the row of the other organisation, which whoever receives it has no right to change otherwise.
  await revise(
    beyond(tx),
    act,
    organisations,
    row,
    { pending },
    { type: 'organisation.merger_received', ...by, details },
  )
  return present(act, await rowOf(tx, row.id))
}

/** Three different persons merge: two as for every such decision, and one of those who receive. */
async function demandReceiver(tx: Tx, act: Act, row: Locked): Promise<void> {
  const receiver = livePending(row, act.now)?.receiver
  // The mandate is another organisation's, and may have ended since.
  if (!receiver || !(await holdWord(beyond(tx), receiver.mandateId, act.now))) throw receiverNeeded()
  if (receiver.delegateId === personOf(act)) throw concurrenceGiven()
}

async function successorOf(tx: Tx, act: Act, row: Locked, intoId: string): Promise<Locked> {
  if (intoId === row.id) throw wrongSuccessor('same_organisation', 'must be another organisation')
  const into = await lockOrganisation(tx, intoId)
  if (!into || !mayRead(act.caller, into))
    throw wrongSuccessor('unknown_organisation', 'is no organisation that you can see')
  // That it may be about to merge itself is no hindrance, and nobody else's business: the later merger hands on.
  if (into.status !== 'verified') throw cannotMergeInto()
  return into
}

const wrongSuccessor = (code: string, detail: string) => invalidBecause({ pointer: '/intoId', code, detail })

type Asked = { move: DecidedMove; reason: string | undefined; intoId?: string }
/** The role in which the caller acts, and its mandate: the operator needs none. */
type Acting = { role: Role; mandate: LiveMandate | undefined }

/** Moves at once when this caller completes the roles that are needed; else notes their word. */
async function moveOrAwait(tx: Tx, act: Act, row: Locked, asked: Asked, acting: Acting): Promise<boolean> {
  // A move that the state does not allow is told only to those who could ask for it.
  const to = statusAfter(act, row, asked.move)
  if (isEnough(row, asked.move, acting.role) || (await secondWord(tx, act, row, asked, acting))) {
    if (asked.move === 'merge') await demandReceiver(tx, act, row)
    await carryOut(tx, act, row, asked, { ...acting, to })
    return true
  }
  await awaitSecond(tx, act, row, asked, acting)
  return false
}

const statusAfter = (act: Act, row: Locked, move: OrganisationMove): OrganisationStatus =>
  stateAfter(organisationLifecycle, row.status, move, allowedMoves(act.caller, row))

const isEnough = (row: Locked, move: DecidedMove, role: Role): boolean =>
  waysToMove(row, move).some((way) => way.length === 1 && way[0] === role)

/** Whether someone else's live word is there that this one completes. */
async function secondWord(tx: Tx, act: Act, row: Locked, asked: Asked, acting: Acting): Promise<boolean> {
  const first = livePending(row, act.now)
  if (!first || !(await isGood(tx, act, first))) return false
  // Nobody keeps a suspension away by asking for something else first.
  if (asked.move === 'suspend' && first.role === 'representative') return false
  if (first.move !== asked.move || first.intoId !== asked.intoId) throw otherMovePending()
  if (first.delegateId !== null && first.delegateId === delegateOf(act)) throw concurrenceGiven()
  if (!waysToMove(row, asked.move).some((way) => completes(way, first.role, acting.role)))
    throw concurrenceGiven()
  if (isOfSameCoordination(first, acting)) throw anotherCoordinationNeeded()
  return true
}

/** The word of somebody whose mandate has ended since then counts no more; the mandate is another organisation's. */
const isGood = async (tx: Tx, act: Act, { role, mandateId }: PendingMove): Promise<boolean> =>
  role === 'operator' || holdWord(beyond(tx), mandateId, act.now)

const completes = (needed: Concurrence, first: Role, second: Role): boolean =>
  [first, second].sort().join() === [...needed].sort().join()

const isOfSameCoordination = (first: PendingMove, { role, mandate }: Acting): boolean =>
  first.role === 'coordinator' && role === 'coordinator' && first.organisationId === mandate?.organisationId

const delegateOf = (act: Act): string | null => (act.caller.kind === 'operator' ? null : personOf(act))

export const personOf = (act: Act): string => {
  // An API client is a system, and two of its calls would not be two persons.
  if (act.caller.kind !== 'delegate')
    throw forbidden('This decision needs a person. Use the token of a delegate.')
  return act.caller.delegateId
}

async function awaitSecond(tx: Tx, act: Act, row: Locked, asked: Asked, acting: Acting): Promise<void> {
  const { role, mandate } = acting
  const pending: PendingMove = {
    move: asked.move,
    role,
    delegateId: delegateOf(act),
    mandateId: mandate?.id ?? null,
    organisationId: mandate?.organisationId ?? null,
    until: hoursAfter(act.now, concurrenceHours),
    intoId: asked.intoId,
  }
  const details = { move: asked.move, role }
  const told = { type: 'organisation.concurrence_given', ...actorOf(row, acting), details } as const
  await revise(tx, act, organisations, row, { pending }, told)
}

type Outcome = Acting & { to: OrganisationStatus }

async function carryOut(tx: Tx, act: Act, row: Locked, asked: Asked, outcome: Outcome): Promise<void> {
  const { to } = outcome
  const change = {
    status: to,
    ...nothingWaits,
    mergedIntoId: asked.intoId ?? null,
    vouchBy: vouchByAfter(act, to),
  }
  await revise(tx, act, organisations, row, change, {
    type: 'organisation.moved',
    ...actorOf(row, outcome),
    transition: { move: asked.move, from: row.status, to, reason: asked.reason },
  })
}

const vouchByAfter = (act: Act, to: OrganisationStatus): string | null =>
  to === 'provisional' ? daysAfter(act.now, vouchDays) : null

/** Who acted and by which mandate. The operator acts for no organisation, so the one that is moved stands there. */
const actorOf = (row: Locked, { mandate }: Pick<Acting, 'mandate'>) => ({
  organisationId: mandate?.organisationId ?? row.id,
  mandateId: mandate?.id,
})

/** The role in which the caller acts, its mandate held to the end of the transaction. */
async function holdRole(tx: Tx, act: Act, row: Locked, move: DecidedMove): Promise<Acting> {
  const held = rolesOf(act.caller, row)
  const role = rolesNeeded(row, move).find((needed) => held.includes(needed))
  if (!role) throw forbidden(whoCould(rolesNeeded(row, move)))
  const mandate = actingMandate(act, row, role)
  if (mandate) await holdStill(tx, act, mandate)
  return { role, mandate }
}

function actingMandate(act: Act, row: Locked, role: Role): LiveMandate | undefined {
  // Who may vouch for several speaks for the one for which nobody has spoken yet.
  if (role === 'coordinator') return coordinatorMandate(act.caller, livePending(row, act.now)?.organisationId)
  return role === 'representative' ? mandateFor(act.caller, row.id, 'administer') : undefined
}

const whoCould = (needed: readonly Role[]): string =>
  `This is for ${needed.includes('coordinator') ? 'a coordinator of another, verified coordination' : 'a secretary'}${
    needed.includes('representative') && needed.length > 1
      ? ' together with the organisation’s own secretary'
      : ''
  }.`

/** Names and worksites pass to the successor; pacts and mandates stay where they were signed. */
async function bequeath(tx: Tx, act: Act, from: Locked, into: Locked, acting: Acting): Promise<void> {
  const names = [from.name, ...from.nameVariants, ...(from.abbreviation ? [from.abbreviation] : [])]
  const nameVariants = [...new Set([...into.nameVariants, ...names])].filter((name) => name !== into.name)
  const by = actorOf(from, acting)
  const details = { mergedId: from.id }
  const succeeded = { type: 'organisation.succeeded', ...by, details } as const
  // The second word may be that of the secretary of the one that goes, who has no say in the other.
  const heir = beyond(tx)
  await revise(
    heir,
    act,
    organisations,
    into,
    { nameVariants, ...skeletonColumns({ ...into, nameVariants }) },
    succeeded,
  )
  const inherited = await handOverWorksites(heir, act.now, from.id, into.id)
  // Whoever was merged into the one that goes now is kept by the people of its successor.
  const redirected = await replaceSuccessor(heir, act.now, from.id, into.id)
  const toldOf = (type: Entry['type']) => (row: { id: string; version: number }) => ({
    type,
    subjectId: row.id,
    subjectVersion: row.version,
    ...by,
    details,
  })
  await recordAll(tx, act, [
    ...inherited.map(toldOf('worksite.inherited')),
    ...redirected.map(toldOf('organisation.successor_replaced')),
  ])
}
