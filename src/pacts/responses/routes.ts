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
        summary: 'List the answers of the parties to the proposals, newest first',
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
          '- `comment` and `needs_more_time` decide nothing.\n' +
          '- `accept` and `decline` are final. They name the current proposal and the digest of the text that you read.\n' +
          '- When all parties have accepted one proposal, the pact becomes `signing`.\n' +
          '- `decline` removes your organisation from the pact and closes the proposal, because the proposal names it. ' +
          'The pact becomes `declined` if its proposer declines, or if fewer than two parties would remain.',
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
