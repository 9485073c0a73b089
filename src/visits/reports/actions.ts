import { transaction, type ActionContext } from '../../platform/actions/action-context.ts'
import type { Db } from '../../platform/database/database.ts'
import { timeOrderedId } from '../../platform/ids.ts'
import { requireReadableVisit, updateVisit, requireSide, lockReadableVisit, statusAfter } from '../actions.ts'
import { sides } from '../lifecycle.ts'
import { alreadyReported } from '../problems.ts'
import { reportsOfVisit } from './queries.ts'
import type { ReportVisit } from './schemas.ts'
import { visitReports } from './tables.ts'

export async function listReports(db: Db, context: ActionContext, visitId: string) {
  await requireReadableVisit(db, context, visitId)
  return { data: await reportsOfVisit(db, visitId), nextCursor: null }
}

/** Each side reports once; with the second report the visit is done. */
export function reportVisit(context: ActionContext, visitId: string, input: ReportVisit) {
  return transaction(context, async (tx) => {
    const visit = await lockReadableVisit(tx, context, visitId)
    const acting = await requireSide(tx, context, visit, {
      move: 'report',
      organisationId: input.organisationId,
    })
    if (visit.reportedBy.includes(acting.side)) throw alreadyReported()
    const to = statusAfter(context, visit, 'report')
    const report = {
      id: timeOrderedId(),
      visitId,
      side: acting.side,
      createdAt: context.now,
      text: input.text,
      language: input.language,
      personDays: input.personDays ?? null,
    }
    await tx.insert(visitReports).values(report)

    const reportedBy = [...visit.reportedBy, acting.side]
    const isComplete = sides.every((side) => reportedBy.includes(side))
    await updateVisit(tx, context, visit, acting, isComplete ? { status: to, reportedBy } : { reportedBy }, {
      type: 'visit.report_given',
      details: { side: acting.side, reportId: report.id },
      ...(isComplete && { transition: { move: 'report', from: visit.status, to } }),
    })
    return report
  })
}
