/**
 * GET    /v1/visits/:id/reports
 * POST   /v1/visits/:id/reports      each side once; with the second the visit is `reported`
 */
import { holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated } from '../../platform/http/responses.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { listReports, reportVisit } from './actions.ts'
import { ReportVisit, VisitReport, VisitReportList } from './schemas.ts'

const tags = ['Visits']

export function visitReportRoutes(app: App): void {
  app.get(
    '/v1/visits/:id/reports',
    {
      config: { access: holdersOf('visits:read') },
      schema: {
        operationId: 'listVisitReports',
        tags,
        summary: 'List the reports of both sides on a visit',
        params: idParams,
        response: { 200: VisitReportList },
      },
    },
    ({ context, params }) => listReports(context.read, context, params.id),
  )

  app.post(
    '/v1/visits/:id/reports',
    {
      config: { access: holdersOf('visits:write'), idempotent: true },
      schema: {
        operationId: 'reportVisit',
        tags,
        summary: 'Report on a completed visit',
        description:
          'Each side reports once, and a report cannot be changed. With the second report, the visit becomes `reported`.',
        params: idParams,
        body: ReportVisit,
        response: { 201: VisitReport },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return sendCreated(
        reply,
        `/v1/visits/${id}/reports`,
        await reportVisit(request.context, id, request.body),
      )
    },
  )
}
