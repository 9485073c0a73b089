/**
 * GET    /v1/organisations/:id/contact-channels
 * PUT    /v1/organisations/:id/contact-channels
 * DELETE /v1/organisations/:id/contact-channels
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { readContactChannels, removeContactChannels, writeContactChannels } from './actions.ts'
import { ContactChannels, WriteContactChannels } from './schemas.ts'

const tags = ['Organisations']

export function contactChannelRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/organisations/:id/contact-channels',
    {
      config: { access: delegatesWith('organisations:read') },
      schema: {
        operationId: 'getContactChannels',
        tags,
        summary: 'Read the contact channels of your organisation',
        params: idParams,
        response: { 200: ContactChannels },
      },
    },
    ({ context, params }) => readContactChannels(context.read, context, params.id, vault),
  )

  app.put(
    '/v1/organisations/:id/contact-channels',
    {
      config: { access: delegatesWith('organisations:write'), ifMatch: 'optional', ifNoneMatch: true },
      schema: {
        operationId: 'writeContactChannels',
        tags,
        summary: 'Write the contact channels of your organisation; they are encrypted with its own key',
        params: idParams,
        body: WriteContactChannels,
        response: { 200: ContactChannels },
      },
    },
    (request) =>
      writeContactChannels(request.context, vault, request.params.id, expectedVersion(request), request.body),
  )

  app.delete(
    '/v1/organisations/:id/contact-channels',
    {
      config: { access: delegatesWith('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'removeContactChannels',
        tags,
        summary: 'Delete the contact channels of your organisation',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeContactChannels(request.context, vault, request.params.id, expectedVersion(request))
      return reply.code(204).send(null)
    },
  )
}
