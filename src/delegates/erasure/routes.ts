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
        summary: 'Erase a person for good: name, identity, mandates, tokens; what they signed stays signed',
        description:
          'Whoever has a second factor gives a code first. The last one who administers an organisation gives the office to somebody first.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await erasePerson(request.act, erasing, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
