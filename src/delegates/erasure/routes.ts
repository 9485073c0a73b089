/**
 * DELETE /v1/delegates/:id
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { erasePerson, type ErasureParts } from './actions.ts'

export function erasureRoutes(app: App, erasing: ErasureParts): void {
  app.delete(
    '/v1/delegates/:id',
    {
      config: { access: delegatesWith('delegates:write'), ifMatch: true },
      schema: {
        operationId: 'eraseDelegate',
        tags: ['Delegates'],
        summary: 'Erase a person permanently: name, identity, mandates and tokens; their signatures stay',
        description:
          'A person with a second factor must give a code first. The last administrator of an organisation must first give that office to somebody else.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await erasePerson(request.context, erasing, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
