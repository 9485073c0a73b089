/**
 * GET    /v1/organisations/:id/affiliations
 * POST   /v1/organisations/:id/affiliations    request an affiliation, as the member
 * GET    /v1/affiliations/:id
 * GET    /v1/affiliations/:id/transitions
 * POST   /v1/affiliations/:id/transitions      confirm or refuse (the parent), end (either side)
 */
import { anyone, holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { registerTransitions } from '../../platform/lifecycle/transitions.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import {
  allowHistory,
  listAffiliations,
  moveAffiliation,
  readAffiliation,
  requestAffiliation,
} from './actions.ts'
import { affiliationLifecycle } from './lifecycle.ts'
import { Affiliation, AffiliationList, affiliationListParameters, RequestAffiliation } from './schemas.ts'

const tags = ['Affiliations']

export function affiliationRoutes(app: App): void {
  app.get(
    '/v1/organisations/:id/affiliations',
    {
      config: { access: anyone, list: true },
      schema: {
        operationId: 'listAffiliations',
        tags,
        summary: 'List the affiliations of an organisation as member and as parent, newest first',
        description:
          'Everybody sees confirmed affiliations. The two sides also see affiliations that were requested, refused or ended.',
        params: idParams,
        querystring: affiliationListParameters,
        response: { 200: AffiliationList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      return sendPage(request, reply, await listAffiliations(context.read, context, params.id, query))
    },
  )

  app.post(
    '/v1/organisations/:id/affiliations',
    {
      config: { access: holdersOf('organisations:write'), idempotent: true },
      schema: {
        operationId: 'requestAffiliation',
        tags,
        summary: 'Ask to join a federation or coordination',
        params: idParams,
        body: RequestAffiliation,
        response: { 201: Affiliation },
      },
    },
    async (request, reply) => {
      const affiliation = await requestAffiliation(request.context, request.params.id, request.body)
      return sendCreated(reply, affiliation.url, affiliation)
    },
  )

  app.get(
    '/v1/affiliations/:id',
    {
      config: { access: anyone },
      schema: {
        operationId: 'getAffiliation',
        tags,
        summary: 'Read an affiliation',
        params: idParams,
        response: { 200: Affiliation },
      },
    },
    ({ context, params }) => readAffiliation(context.read, context, params.id),
  )

  registerTransitions(app, {
    plural: 'affiliations',
    name: 'Affiliation',
    tag: 'Affiliations',
    fieldClass: 'public',
    reasonClass: 'parties',
    lifecycle: affiliationLifecycle,
    moves: ['confirm', 'refuse', 'end'],
    read: holdersOf('organisations:read'),
    write: holdersOf('organisations:write'),
    response: Affiliation,
    move: moveAffiliation,
    allowHistory,
  })
}
