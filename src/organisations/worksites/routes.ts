/**
 * GET    /v1/organisations/:id/worksites
 * POST   /v1/organisations/:id/worksites
 * GET    /v1/organisations/:id/worksites/:worksiteId
 * PATCH  /v1/organisations/:id/worksites/:worksiteId
 * DELETE /v1/organisations/:id/worksites/:worksiteId
 */
import { anyone, holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { changeWorksite, createWorksite, listWorksites, readWorksite, removeWorksite } from './actions.ts'
import {
  ChangeWorksite,
  CreateWorksite,
  Worksite,
  WorksiteList,
  worksiteListParameters,
  worksiteParams,
} from './schemas.ts'

const tags = ['Worksites']

export function worksiteRoutes(app: App): void {
  app.get(
    '/v1/organisations/:id/worksites',
    {
      config: { access: anyone, list: true },
      schema: {
        operationId: 'listWorksites',
        tags,
        summary: 'List the worksites of an organisation, newest first',
        params: idParams,
        querystring: worksiteListParameters,
        response: { 200: WorksiteList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      return sendPage(request, reply, await listWorksites(context.read, context, params.id, query))
    },
  )

  app.post(
    '/v1/organisations/:id/worksites',
    {
      config: { access: holdersOf('organisations:write'), idempotent: true },
      schema: {
        operationId: 'createWorksite',
        tags,
        summary: 'Add a worksite to an organisation',
        params: idParams,
        body: CreateWorksite,
        response: { 201: Worksite },
      },
    },
    async (request, reply) => {
      const worksite = await createWorksite(request.context, request.params.id, request.body)
      return sendCreated(reply, worksite.url, worksite)
    },
  )

  app.get(
    '/v1/organisations/:id/worksites/:worksiteId',
    {
      config: { access: anyone },
      schema: {
        operationId: 'getWorksite',
        tags,
        summary: 'Read a worksite',
        params: worksiteParams,
        response: { 200: Worksite },
      },
    },
    (request) => {
      const { context, params } = request
      return readWorksite(context.read, context, params.id, params.worksiteId)
    },
  )

  app.patch(
    '/v1/organisations/:id/worksites/:worksiteId',
    {
      config: { access: holdersOf('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'changeWorksite',
        tags,
        summary: 'Change a worksite',
        params: worksiteParams,
        body: ChangeWorksite,
        response: { 200: Worksite },
      },
    },
    (request) => {
      const { id: organisationId, worksiteId: id } = request.params
      return changeWorksite(
        request.context,
        { organisationId, id, version: expectedVersion(request) },
        request.body,
      )
    },
  )

  app.delete(
    '/v1/organisations/:id/worksites/:worksiteId',
    {
      config: { access: holdersOf('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'removeWorksite',
        tags,
        summary: 'Remove a worksite from an organisation',
        params: worksiteParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { id: organisationId, worksiteId: id } = request.params
      await removeWorksite(request.context, { organisationId, id, version: expectedVersion(request) })
      return reply.code(204).send(null)
    },
  )
}
