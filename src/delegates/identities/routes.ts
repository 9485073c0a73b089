/**
 * GET    /v1/delegates/:id/identity
 * PUT    /v1/delegates/:id/identity
 * DELETE /v1/delegates/:id/identity
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { readIdentity, removeIdentity, writeIdentity } from './actions.ts'
import { Identity, WriteIdentity } from './schemas.ts'

const tags = ['Delegates']

export function identityRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/delegates/:id/identity',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getIdentity',
        tags,
        summary: 'Read your identity as you wrote it',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ context, params }) => readIdentity(context.read, context, params.id, vault),
  )

  app.put(
    '/v1/delegates/:id/identity',
    {
      config: { access: delegatesWith('delegates:write'), ifMatch: 'optional', ifNoneMatch: true },
      schema: {
        operationId: 'writeIdentity',
        tags,
        summary: 'Write your identity; it is encrypted with your own key',
        params: idParams,
        body: WriteIdentity,
        response: { 200: Identity },
      },
    },
    (request) =>
      writeIdentity(request.context, vault, request.params.id, expectedVersion(request), request.body),
  )

  app.delete(
    '/v1/delegates/:id/identity',
    {
      config: { access: delegatesWith('delegates:write'), ifMatch: true },
      schema: {
        operationId: 'removeIdentity',
        tags,
        summary: 'Delete your identity',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeIdentity(request.context, vault, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
