/**
 * GET    /v1/pacts/:id/responses      newest first
 * POST   /v1/pacts/:id/responses      comment, needs_more_time, accept, decline
 */
import { holdersOf, partiesOrLink } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { listResponses, respond } from './actions.ts'
import { Respond, Response, ResponseList, responseListParameters } from './schemas.ts'

const tags = ['Pacts']

export function responseRoutes(app: App): void {
  app.get(
    '/v1/pacts/:id/responses',
    {
      config: { access: partiesOrLink('pacts:read'), list: true },
      schema: {
        operationId: 'listResponses',
        tags,
        summary: 'What the parties said of the proposals, newest first',
        params: idParams,
        querystring: responseListParameters,
        response: { 200: ResponseList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      return sendPage(request, reply, await listResponses(context.read, context, params.id, query))
    },
  )

  app.post(
    '/v1/pacts/:id/responses',
    {
      config: { access: holdersOf('pacts:write'), idempotent: true },
      schema: {
        operationId: 'respond',
        tags,
        summary: 'Answer a proposal for your organisation',
        description:
          'Comments and asking for more time decide nothing. A yes or a no is final, and is given to the proposal ' +
          'on the table and to the digest that was read. When all have accepted one proposal the pact goes to ' +
          '`signing`. A no takes your organisation out of the pact and closes the proposal, which named it; the ' +
          'pact is `declined` when fewer than two would be left, or when its proposer says no.',
        params: idParams,
        body: Respond,
        response: { 201: Response },
      },
    },
    async (request, reply) => {
      const response = await respond(request.context, request.params.id, request.body)
      return sendCreated(reply, `/v1/pacts/${response.pactId}/responses`, response)
    },
  )
}
