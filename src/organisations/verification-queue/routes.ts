/**
 * GET /v1/verification-queue         organisations that wait for verification (coordinators, the operator)
 */
import { coordinatorMandate, holdersAndOperator } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendPage } from '../../platform/http/responses.ts'
import { forbidden } from '../../platform/problems.ts'
import { presentOrganisation } from '../actions.ts'
import { OrganisationList } from '../schemas.ts'
import { verificationQueue } from './queries.ts'
import { queueParameters } from './schemas.ts'

export function verificationQueueRoutes(app: App): void {
  app.get(
    '/v1/verification-queue',
    {
      config: { access: holdersAndOperator('organisations:read'), list: true },
      schema: {
        operationId: 'listVerificationQueue',
        tags: ['Organisations'],
        summary: 'List the organisations that wait for verification, invited ones first',
        description:
          'For coordinators and the operator. Organisations that registered with an invitation, or that a coordination created, come first. Within each group, the organisation that has waited longest comes first.',
        querystring: queueParameters,
        response: { 200: OrganisationList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      if (context.caller.kind !== 'operator' && !coordinatorMandate(context.caller)) throw onlyCoordinators()
      const page = await verificationQueue(context.read, context, query)
      return sendPage(request, reply, {
        ...page,
        data: page.data.map((row) => presentOrganisation(context, row)),
      })
    },
  )
}

const onlyCoordinators = () =>
  forbidden('Only a coordinator of a verified coordination can read the queue. Ask one.')
