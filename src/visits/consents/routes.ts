/**
 * PUT    /v1/visit-participants/:id/consent
 * DELETE /v1/visit-participants/:id/consent
 * GET    /v1/visit-participants/:id/identity
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/app.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams } from '../../platform/wire.ts'
import { Identity } from '../../delegates/identities/schemas.ts'
import { Participant } from '../participants/schemas.ts'
import { giveConsent, readCounterpartIdentity, withdrawConsent } from './actions.ts'

const tags = ['Visits']

export function consentRoutes(app: App, { vault }: { vault: Vault }): void {
  app.put(
    '/v1/visit-participants/:id/consent',
    {
      config: { access: delegatesWith('visits:write') },
      schema: {
        operationId: 'giveConsent',
        tags,
        summary: 'Show who you are to those of the other side who show it too',
        params: idParams,
        response: { 200: Participant },
      },
    },
    ({ act, params }) => giveConsent(act, params.id),
  )

  app.delete(
    '/v1/visit-participants/:id/consent',
    {
      config: { access: delegatesWith('visits:write') },
      schema: {
        operationId: 'withdrawConsent',
        tags,
        summary: 'Take your consent back; from the next request on nobody reads who you are',
        params: idParams,
        response: { 200: Participant },
      },
    },
    ({ act, params }) => withdrawConsent(act, params.id),
  )

  app.get(
    '/v1/visit-participants/:id/identity',
    {
      config: { access: delegatesWith('visits:read') },
      schema: {
        operationId: 'getCounterpartIdentity',
        tags,
        summary: 'Read who somebody of the other side is, when both of you consented; they are told',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ act, params }) => readCounterpartIdentity(act, vault, params.id),
  )
}
