/**
 * GET    /v1/visits/:id/itinerary
 * PUT    /v1/visits/:id/itinerary
 * DELETE /v1/visits/:id/itinerary
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { readItinerary, removeItinerary, writeItinerary } from './actions.ts'
import { Itinerary, WriteItinerary } from './schemas.ts'

const tags = ['Visits']

export function itineraryRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/visits/:id/itinerary',
    {
      config: { access: delegatesWith('visits:read') },
      schema: {
        operationId: 'getItinerary',
        tags,
        summary: 'Read the itinerary of a visit',
        description:
          'Only for participants and for the host. You need a second factor whose first code was given at least 48 hours ago.',
        params: idParams,
        response: { 200: Itinerary },
      },
    },
    ({ context, params }) => readItinerary(context.read, context, params.id, vault),
  )

  app.put(
    '/v1/visits/:id/itinerary',
    {
      config: { access: delegatesWith('visits:write'), ifMatch: 'optional', ifNoneMatch: true },
      schema: {
        operationId: 'writeItinerary',
        tags,
        summary: 'Write the itinerary of a visit, which is encrypted with a key of the visit',
        params: idParams,
        body: WriteItinerary,
        response: { 200: Itinerary },
      },
    },
    (request) =>
      writeItinerary(request.context, vault, request.params.id, expectedVersion(request), request.body),
  )

  app.delete(
    '/v1/visits/:id/itinerary',
    {
      config: { access: delegatesWith('visits:write'), ifMatch: true },
      schema: {
        operationId: 'removeItinerary',
        tags,
        summary: 'Delete the itinerary of a visit',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeItinerary(request.context, vault, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
