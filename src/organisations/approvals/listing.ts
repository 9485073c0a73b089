/** The list of first approvals that wait for a second person. Each feature hands in a source of its own. */
import { belongsTo, coordinatorMandate, type Caller, type Scope } from '../../platform/access.ts'
import { setInstant, transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import { hoursAfter } from '../../platform/clock.ts'
import { bypassRls, type Tx } from '../../platform/database/database.ts'
import type { Reference } from '../../platform/wire/common-schemas.ts'
import { pageOf, positionOf, type Page, type Position } from '../../platform/wire/cursors.ts'
import { organisationReferences } from '../queries.ts'
import { approvalHours, type FirstApproval } from './lifecycle.ts'
import { isLive } from './policy.ts'
import { liveMandates } from './queries.ts'
import type { ApprovalBody, ApprovalKind, ApprovalListParameters } from './schemas.ts'

/** One that waits. Whether the mandate of its first person is still live is not decided yet. */
export type PendingApproval = FirstApproval & {
  id: string
  kind: ApprovalKind
  subject: { id: string; name: string | null; url: string }
  mayApprove: boolean
  /** Whether a seal of the first person's organisation leaves it standing. */
  isSealAllowed?: boolean
  /** A mandate without which nobody can complete it. */
  furtherMandateId?: string | null
  operation: { method: 'POST'; url: string; body: ApprovalBody | null }
}

/** The rows after a position by when they expire, the last first: their ids break ties. */
export type SourcePage = { after: Position | undefined; limit: number }

export type ApprovalSource = {
  /** Which scopes a token needs to read these approvals, and to give them. */
  readonly reads: Scope
  readonly writes: Scope
  list(tx: Tx, context: ActionContext, page: SourcePage): Promise<PendingApproval[]>
}

export type DelegateReferences = (
  tx: Tx,
  context: ActionContext,
  ids: readonly string[],
) => Promise<Reference[]>

/** Newest first. It shows nobody more than the resources themselves do. */
export function listApprovals(
  context: ActionContext,
  sources: readonly ApprovalSource[],
  query: ApprovalListParameters,
  delegateReferences: DelegateReferences,
): Promise<Page<ReturnType<typeof present>>> {
  return transaction(context, async (tx) => {
    await setInstant(tx, context.now)
    const page = pageOf(await found(tx, context, sources, query), query, positionValue)
    const organisations = await requestersOf(tx, context, page.data)
    const people = await delegateReferences(tx, context, idsOf(page.data, 'requestedById'))
    return { ...page, data: page.data.map((row) => present(row, organisations, people)) }
  })
}

type Ranked = PendingApproval & { rank: number }

const positionValue = ({ rank, expiresAt }: Ranked): string => `${rank} ${expiresAt}`

/** Reads on until the page is full: what counts no more and what the filter excludes leave gaps. */
async function found(
  tx: Tx,
  context: ActionContext,
  sources: readonly ApprovalSource[],
  query: ApprovalListParameters,
): Promise<Ranked[]> {
  const rows: Ranked[] = []
  const limit = query.limit + 1
  let after = positionOf(query, 'ranked')
  for (;;) {
    const batch = await nextBatch(tx, context, sources, { after, limit })
    const counting = await withLiveMandates(tx, context, batch)
    rows.push(
      ...counting.filter((row) => query.mayApprove === undefined || row.mayApprove === query.mayApprove),
    )
    const last = batch.at(-1)
    if (rows.length >= limit || batch.length < limit || !last) return rows.slice(0, limit)
    after = { value: positionValue(last), id: last.id }
  }
}

async function nextBatch(
  tx: Tx,
  context: ActionContext,
  sources: readonly ApprovalSource[],
  { after, limit }: SourcePage,
): Promise<Ranked[]> {
  const rows: Ranked[] = []
  for (const [rank, source] of sources.entries()) {
    if (!holdsScope(context.caller, source.reads)) continue
    const listed = await source.list(tx, context, { after: after && positionIn(rank, after), limit })
    const mayWrite = holdsScope(context.caller, source.writes)
    rows.push(...listed.map((row) => ({ ...row, rank, mayApprove: row.mayApprove && mayWrite })))
  }
  return rows.sort(byExpiry).slice(0, limit)
}

const holdsScope = (caller: Caller, scope: Scope): boolean =>
  !('scopes' in caller) || caller.scopes.includes(scope)

const byExpiry = (a: Ranked, b: Ranked): number =>
  compare(b.expiresAt, a.expiresAt) || a.rank - b.rank || compare(b.id, a.id)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const [firstId, lastId] = ['0', 'f'].map((digit) =>
  '00000000-0000-0000-0000-000000000000'.replaceAll('0', digit),
) as [string, string]

/** Of those that expire at the same instant, a source begins where the page before ended in it. */
function positionIn(rank: number, { value, id }: Position): Position {
  const [lastRank = '', instant = ''] = value.split(' ')
  const sameRank = Number(lastRank)
  if (rank === sameRank) return { value: instant, id }
  return { value: instant, id: rank < sameRank ? firstId : lastId }
}

/** Those that still count. Past the caller: whose mandates they are is not shown. */
async function withLiveMandates(tx: Tx, { now }: ActionContext, rows: readonly Ranked[]): Promise<Ranked[]> {
  const ids = [...idsOf(rows, 'requestedMandateId'), ...idsOf(rows, 'furtherMandateId')]
  const live = new Map((await liveMandates(bypassRls(tx), ids, now)).map((mandate) => [mandate.id, mandate]))
  const of = (id: string | null | undefined) => (id ? live.get(id) : undefined)
  return rows
    .filter((row) => row.requestedById === null || isLive(of(row.requestedMandateId), row))
    .map((row) => ({
      ...row,
      mayApprove: row.mayApprove && (!row.furtherMandateId || isLive(of(row.furtherMandateId))),
    }))
}

const idsOf = <Name extends string>(
  rows: readonly { [Key in Name]?: string | null }[],
  name: Name,
): string[] => [...new Set(rows.map((row) => row[name]).filter((id) => id !== null && id !== undefined))]

/** Which organisation asked is for those who judge over organisations, and for its own people. */
async function requestersOf(
  tx: Tx,
  context: ActionContext,
  rows: readonly PendingApproval[],
): Promise<Reference[]> {
  const { caller } = context
  const ids = idsOf(rows, 'requestedForId')
  const judges = caller.kind === 'operator' || coordinatorMandate(caller) !== undefined
  return organisationReferences(tx, context, judges ? ids : ids.filter((id) => belongsTo(caller, id)))
}

function present(
  { id, kind, subject, expiresAt, mayApprove, operation, requestedForId, requestedById }: Ranked,
  organisations: readonly Reference[],
  people: readonly Reference[],
) {
  const named = (references: readonly Reference[], sought: string | null) =>
    references.find((reference) => reference.id === sought) ?? null
  return {
    id,
    kind,
    subject,
    requestedFor: named(organisations, requestedForId),
    requestedBy: named(people, requestedById),
    requestedAt: hoursAfter(expiresAt, -approvalHours),
    expiresAt,
    mayApprove,
    operation,
  }
}
