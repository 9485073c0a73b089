/**
 * GET    /v1/recoveries                those of your organisations; for coordinators all
 * POST   /v1/recoveries                request one for an administrator, as a coordinator
 * GET    /v1/recoveries/:id
 * DELETE /v1/recoveries/:id            cancel it, as a coordinator, the person or an administrator
 * POST   /v1/recoveries/:id/grants     grant it, as a coordinator of another coordination; gives the link
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { closeRecovery, grantRecovery, listRecoveries, readRecovery, requestRecovery } from './actions.ts'
import {
  Recovery,
  RecoveryGranted,
  RecoveryList,
  recoveryListParameters,
  RequestRecovery,
} from './schemas.ts'

const tags = ['Delegates']

export function recoveryRoutes(app: App): void {
  app.get(
    '/v1/recoveries',
    {
      config: { access: delegatesWith('delegates:read'), list: true },
      schema: {
        operationId: 'listRecoveries',
        tags,
        summary: 'List the recoveries in your organisations; for coordinators, all recoveries; newest first',
        querystring: recoveryListParameters,
        response: { 200: RecoveryList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await listRecoveries(context.read, context, query))
    },
  )

  app.post(
    '/v1/recoveries',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'requestRecovery',
        tags,
        summary: 'Request, as a coordinator, a new token for a secretary who lost theirs',
        description:
          'For an administrator who can reach nobody in the organisation who could enrol them. A coordinator of another coordination must grant the request within 72 hours. Both coordinators need their second factor.',
        body: RequestRecovery,
        response: { 201: Recovery },
      },
    },
    async (request, reply) => {
      const recovery = await requestRecovery(request.context, request.body)
      return sendCreated(reply, recovery.url, recovery)
    },
  )

  app.get(
    '/v1/recoveries/:id',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getRecovery',
        tags,
        summary: 'Read a recovery and its status',
        params: idParams,
        response: { 200: Recovery },
      },
    },
    ({ context, params }) => readRecovery(context.read, context, params.id),
  )

  app.delete(
    '/v1/recoveries/:id',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'endRecovery',
        tags,
        summary: 'Cancel a recovery; its enrolment link is revoked if it is unused',
        description:
          'Any coordinator of a verified coordination, the person concerned, and any administrator of the organisation can do this alone and can repeat it. A token that was already issued for the link stays valid; the person can revoke it.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await closeRecovery(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/recoveries/:id/grants',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'grantRecovery',
        tags,
        summary:
          'Grant a recovery, as a coordinator of another coordination; the enrolment link is shown to you once',
        description:
          'This revokes all tokens of the person. Call the person yourself first: anyone who holds the link can act as that person.',
        params: idParams,
        response: { 200: RecoveryGranted },
      },
    },
    ({ context, params }) => grantRecovery(context, params.id),
  )
}
