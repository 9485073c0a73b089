/**
 * GET /v1/approvals     what waits for a second person, and which of it the caller can approve
 */
import type { Access } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendPage } from '../../platform/http/responses.ts'
import { listApprovals, type ApprovalSource, type DelegateReferences } from './listing.ts'
import { ApprovalList, approvalListParameters } from './schemas.ts'

/** No API client: an approval needs a person. */
const people: Access = { to: ['delegate', 'operator'], scope: 'organisations:read' }

type Parts = { onListApprovals: readonly ApprovalSource[]; delegateReferences: DelegateReferences }

export function approvalRoutes(app: App, { onListApprovals, delegateReferences }: Parts): void {
  app.get(
    '/v1/approvals',
    {
      config: { access: people, list: true },
      schema: {
        operationId: 'listApprovals',
        tags: ['Approvals'],
        summary: 'List what waits for the approval of a second person, newest first',
        description:
          'Each row says which request gives the approval, and whether you can give it. Recoveries and disclosures are listed for ' +
          'tokens with the scope `delegates:read`. To approve a transition, a merger or a renaming, also send the ETag of ' +
          '`subject.url` in If-Match.',
        querystring: approvalListParameters,
        response: { 200: ApprovalList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(
        request,
        reply,
        await listApprovals(context, onListApprovals, query, delegateReferences),
      )
    },
  )
}
