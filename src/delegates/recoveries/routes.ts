/**
 * GET    /v1/recoveries                those of your organisations; for coordinators all
 * POST   /v1/recoveries                a coordinator asks for whoever lost their token
 * GET    /v1/recoveries/:id
 * DELETE /v1/recoveries/:id            a coordinator, the person, or whoever administers the organisation ends it
 * POST   /v1/recoveries/:id/grants     one of another coordination agrees, and is given the link
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
        summary: 'Where coordinators gave somebody of your organisation a new token, newest first',
        querystring: recoveryListParameters,
        response: { 200: RecoveryList },
      },
    },
    async (request, reply) => sendPage(request, reply, await listRecoveries(request.act, request.query)),
  )

  app.post(
    '/v1/recoveries',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'requestRecovery',
        tags,
        summary: 'Ask, as a coordinator, for a new token for a secretary who lost theirs',
        description:
          'For who administers an organisation and can reach nobody there who could enrol them. A coordinator of another coordination must agree within 72 hours. Both need their second factor.',
        body: RequestRecovery,
        response: { 201: Recovery },
      },
    },
    async (request, reply) => {
      const recovery = await requestRecovery(request.act, request.body)
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
        summary: 'Read what was asked for whom, and whether it was granted',
        params: idParams,
        response: { 200: Recovery },
      },
    },
    ({ act, params }) => readRecovery(act, params.id),
  )

  app.delete(
    '/v1/recoveries/:id',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'endRecovery',
        tags,
        summary: 'End what was asked or granted; a link that was not used is revoked with it',
        description:
          'Any coordinator of a verified coordination does it alone, and so does the person themselves or whoever administers the organisation, as often as they like. A token that was taken by the link stays; the person revokes it.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await closeRecovery(request.act, request.params.id)
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
        summary: 'Agree, as a coordinator of another coordination; the enrolment link is shown to you, once',
        description:
          'All tokens of the person end with it. Call them yourself before you agree: who holds the link is they.',
        params: idParams,
        response: { 200: RecoveryGranted },
      },
    },
    ({ act, params }) => grantRecovery(act, params.id),
  )
}
