/**
 * DELETE /v1/delegates/:id
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/app.ts'
import { expectedVersion } from '../../platform/validation.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire.ts'
import { erasePerson } from './actions.ts'

export function erasureRoutes(app: App, { vault }: { vault: Vault }): void {
  app.delete(
    '/v1/delegates/:id',
    {
      config: { access: delegatesWith('delegates:write'), ifMatch: true },
      schema: {
        operationId: 'eraseDelegate',
        tags: ['Delegates'],
        summary: 'Erase a person for good: name, identity, mandates, tokens; what they signed stays signed',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await erasePerson(request.act, vault, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
