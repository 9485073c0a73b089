/**
 * GET    /v1/organisations/:id/mandates
 * POST   /v1/organisations/:id/mandates
 * GET    /v1/mandates/:id
 * GET    /v1/mandates/:id/transitions
 * POST   /v1/mandates/:id/transitions      activate, refuse, recall
 */
import { delegatesWith, holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { registerTransitions } from '../../platform/lifecycle/transitions.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { giveMandate, listMandates, moveMandate, readMandate } from './actions.ts'
import { mandateLifecycle } from './lifecycle.ts'
import { GiveMandate, Mandate, MandateList, mandateListParameters } from './schemas.ts'

const tags = ['Mandates']

export function mandateRoutes(app: App): void {
  app.get(
    '/v1/organisations/:id/mandates',
    {
      config: { access: holdersOf('delegates:read'), list: true },
      schema: {
        operationId: 'listMandates',
        tags,
        summary: 'List the mandates of an organisation in which you hold one, newest first',
        params: idParams,
        querystring: mandateListParameters,
        response: { 200: MandateList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      return sendPage(request, reply, await listMandates(context.read, context, params.id, query))
    },
  )

  app.post(
    '/v1/organisations/:id/mandates',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true },
      schema: {
        operationId: 'giveMandate',
        tags,
        summary: 'Give a delegate an office and its powers for a period',
        description:
          'A mandate from an administrator is active immediately. Delegates can claim a mandate for themselves; it waits as `submitted`, one claim at a time.',
        params: idParams,
        body: GiveMandate,
        response: { 201: Mandate },
      },
    },
    async (request, reply) => {
      const mandate = await giveMandate(request.context, request.params.id, request.body)
      return sendCreated(reply, mandate.url, mandate)
    },
  )

  app.get(
    '/v1/mandates/:id',
    {
      config: { access: holdersOf('delegates:read') },
      schema: {
        operationId: 'getMandate',
        tags,
        summary: 'Read a mandate',
        params: idParams,
        response: { 200: Mandate },
      },
    },
    ({ context, params }) => readMandate(context.read, context, params.id),
  )

  registerTransitions(app, {
    plural: 'mandates',
    name: 'Mandate',
    tag: 'Mandates',
    fieldClass: 'organisation',
    lifecycle: mandateLifecycle,
    moves: ['activate', 'refuse', 'recall'],
    read: holdersOf('delegates:read'),
    write: delegatesWith('delegates:write'),
    response: Mandate,
    move: moveMandate,
    allowHistory: (context, id) => readMandate(context.read, context, id),
  })
}
