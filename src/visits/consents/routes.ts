/**
 * PUT    /v1/visit-participants/:id/consent
 * DELETE /v1/visit-participants/:id/consent
 * GET    /v1/visit-participants/:id/identity
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { expectedVersion } from '../../platform/http/preconditions.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { Identity } from '../../delegates/identities/schemas.ts'
import { Participant } from '../participants/schemas.ts'
import { giveConsent, readCounterpartIdentity, withdrawConsent } from './actions.ts'

const tags = ['Visits']

export function consentRoutes(app: App, { vault }: { vault: Vault }): void {
  app.put(
    '/v1/visit-participants/:id/consent',
    {
      config: { access: delegatesWith('visits:write'), ifNoneMatch: true },
      schema: {
        operationId: 'giveConsent',
        tags,
        summary: 'Show who you are to those of the other side who show it too',
        description:
          'It covers those who were nominated before; given again, it covers those too who came since. You need an identity with a legal name: whoever shows nothing is shown nothing.',
        params: idParams,
        response: { 200: Participant },
      },
    },
    (request) => giveConsent(request.context, request.params.id, expectedVersion(request)),
  )

  app.delete(
    '/v1/visit-participants/:id/consent',
    {
      config: { access: delegatesWith('visits:write') },
      schema: {
        operationId: 'withdrawConsent',
        tags,
        summary: 'Take your consent back; from the next request on nobody reads who you are',
        description:
          'You can do so at any time, also when you have lost your mandate or your organisation may not act.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await withdrawConsent(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/visit-participants/:id/identity',
    {
      config: { access: delegatesWith('visits:read') },
      schema: {
        operationId: 'getCounterpartIdentity',
        tags,
        summary: 'Read who somebody of the other side is, when both of you consented; they are told',
        description:
          'Open until 14 days after the visit, while both of you hold a mandate with your side, both sides may act and the visit is not called off. You need an identity of your own with a legal name, and a second factor whose first code was 48 hours ago or more.',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ context, params }) => readCounterpartIdentity(context, vault, params.id),
  )
}
