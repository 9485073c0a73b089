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
        summary: 'Disclose your identity to participants of the other side who disclose theirs',
        description:
          'Your consent covers participants who were nominated before it. Consent again to cover those who came later. You need an identity with a legal name: only people who disclose their own identity can read others.',
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
        summary: 'Withdraw your consent; the next request to read your identity is refused',
        description:
          'You can do this at any time, even if you have lost your mandate or your organisation may not act.',
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
        summary: 'Read the identity of a participant of the other side, who can see that you read it',
        description:
          'Requirements:\n' +
          '- Both of you consented.\n' +
          '- The visit ended at most 14 days ago, and was not called off.\n' +
          '- Both of you have a current mandate with your side, and both sides may act.\n' +
          '- You have an identity with a legal name yourself.\n' +
          '- You have a second factor whose first code was given at least 48 hours ago.',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ context, params }) => readCounterpartIdentity(context, vault, params.id),
  )
}
