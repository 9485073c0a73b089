import { organisationsOf, type Caller, type LiveMandate } from '../platform/access.ts'
import { requireMandate, type ActionContext } from '../platform/actions/action-context.ts'
import type { Db, Tx } from '../platform/database/database.ts'
import { present } from '../platform/database/rows.ts'
import type { Entry } from '../platform/ledger/ledger.ts'
import { stateAfter } from '../platform/lifecycle/lifecycle.ts'
import { pageOf, positionOf } from '../platform/wire/cursors.ts'
import { forbidden, invalidBecause } from '../platform/problems.ts'
import { updateVersion } from '../platform/ledger/versioned-update.ts'
import { sides, visitLifecycle, type Side, type VisitMove, type VisitStatus } from './lifecycle.ts'
import { allowedMoves, mayRead, organisationAt, sidesAllowedTo, sidesOf } from './policy.ts'
import { visitNotFound } from './problems.ts'
import { lockVisit, visitById, visitsOf, type LockedVisit, type VisitRow } from './queries.ts'
import type { ListParameters } from './schemas.ts'
import { visits } from './tables.ts'

/** Throws the same 404 for a missing visit and for one that this caller may not read. */
export async function requireReadableVisit(db: Db, context: ActionContext, id: string): Promise<VisitRow> {
  const row = await visitById(db, id)
  if (!row || !mayRead(context.caller, row)) throw visitNotFound()
  return row
}

export async function readVisit(db: Db, context: ActionContext, id: string) {
  return presentVisit(context.caller, await requireReadableVisit(db, context, id))
}

export async function listVisits(db: Db, context: ActionContext, query: ListParameters) {
  if (query.from !== undefined && query.to !== undefined && query.to <= query.from) {
    throw invalidBecause({ parameter: 'to', code: 'ends_before_it_starts', detail: 'must be after from' })
  }
  const own = organisationsOf(context.caller).filter(
    (id) => query.organisationId === undefined || id === query.organisationId,
  )
  const { hostId, pactId, status, from, to, updatedAfter, limit } = query
  const rows = await visitsOf(db, {
    own,
    hostId,
    pactId,
    status,
    from,
    to,
    updatedAfter,
    after: positionOf(query),
    limit: limit + 1,
  })
  const page = pageOf(rows, query, (row) => row.spanStartsAt)
  return { ...page, data: page.data.map((row) => presentVisit(context.caller, row)) }
}

/** Adds to the row: names, the local times of the chosen window, and the moves of the caller. */
export function presentVisit(caller: Caller, row: VisitRow) {
  const chosen = row.windows.find((window) => window.id === row.windowId)
  return present(row, {
    allowedMoves: allowedMoves(caller, row),
    pact: { id: row.pactId, name: row.pactTitle, url: `/v1/pacts/${row.pactId}` },
    host: { id: row.hostId, name: row.hostName, url: `/v1/organisations/${row.hostId}` },
    visitor: { id: row.visitorId, name: row.visitorName, url: `/v1/organisations/${row.visitorId}` },
    startsAt: chosen?.startsAt ?? null,
    endsAt: chosen?.endsAt ?? null,
    startsAtLocal: chosen?.startsAtLocal ?? null,
    endsAtLocal: chosen?.endsAtLocal ?? null,
    returns:
      row.returnsVisitId === null
        ? null
        : { id: row.returnsVisitId, url: `/v1/visits/${row.returnsVisitId}` },
  })
}

/** Locks the visit. Throws `missing` if it does not exist or the caller may not read it. */
export async function lockReadableVisit(
  tx: Tx,
  context: ActionContext,
  id: string,
  missing = visitNotFound,
): Promise<LockedVisit> {
  const visit = await lockVisit(tx, id)
  if (!visit || !mayRead(context.caller, visit)) throw missing()
  return visit
}

export type ActingSide = { side: Side; organisationId: string; mandate: LiveMandate }

/** Returns the side for which the caller makes this move, and locks its mandate. */
export async function requireSide(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  asked: { move: VisitMove; organisationId?: string | undefined },
): Promise<ActingSide> {
  if (asked.organisationId !== undefined && !isSide(visit, asked.organisationId)) throw notASide()
  const able = sidesOf(context.caller, visit)
    .filter((side) => sidesAllowedTo(visit, asked.move).includes(side))
    .filter(
      (side) => asked.organisationId === undefined || organisationAt(visit, side) === asked.organisationId,
    )
  const [side, another] = able
  if (side === undefined) throw forbidden(refusalText(visit, asked.move))
  if (another !== undefined && movesOfOneSide.includes(asked.move)) throw sideIsRequired()
  const organisationId = organisationAt(visit, side)
  return { side, organisationId, mandate: await requireMandate(tx, context, organisationId, 'visit') }
}

/** Moves that count for one side, so the side must be known. */
const movesOfOneSide: readonly VisitMove[] = ['reschedule', 'confirm', 'report']

const isSide = (visit: LockedVisit, organisationId: string): boolean =>
  sides.some((side) => organisationAt(visit, side) === organisationId)

const notASide = () =>
  invalidBecause({
    pointer: '/organisationId',
    code: 'not_a_side',
    detail: 'must be the host or the visitor',
  })

const sideIsRequired = () =>
  invalidBecause({
    pointer: '/organisationId',
    code: 'required',
    detail: 'is required, because you have mandates on both sides',
  })

const refusalText = (visit: LockedVisit, move: VisitMove): string =>
  `Only a delegate of the ${sidesAllowedTo(visit, move).join(' or the ')} with the power "visit" can do this. Ask one.`

/** Returns the status after the move. Throws 409 with the moves of this caller if the status does not allow it. */
export const statusAfter = (context: ActionContext, visit: LockedVisit, move: VisitMove): VisitStatus =>
  stateAfter(visitLifecycle, visit.status, move, allowedMoves(context.caller, visit))

type Change = Partial<Omit<typeof visits.$inferInsert, 'id' | 'version' | 'createdAt' | 'updatedAt'>>
type VisitEntry = Pick<Entry, 'type' | 'transition' | 'details'>

/** The ledger entry of a move. */
export const moveEntry = (visit: LockedVisit, move: VisitMove, to: VisitStatus, reason?: string) =>
  ({ type: 'visit.moved', transition: { move, from: visit.status, to, reason } }) as const

/** Writes the change of a locked visit as its next version, records it and returns the visit. */
export async function updateVisit(
  tx: Tx,
  context: ActionContext,
  visit: LockedVisit,
  acting: ActingSide,
  change: Change,
  ledgerEntry: VisitEntry,
) {
  const { organisationId, mandate } = acting
  await updateVersion(tx, context, visits, visit, change, {
    ...ledgerEntry,
    organisationId,
    mandateId: mandate.id,
  })
  return readVisit(tx, context, visit.id)
}
