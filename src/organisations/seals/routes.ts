/**
 * GET  /v1/organisations/:id/seal
 * PUT  /v1/organisations/:id/seal            hide the organisation, and revoke its tokens and links
 * POST /v1/organisations/:id/seal/liftings   request the lifting, or approve it as another person
 */
import { delegatesWith, type Access } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { liftSeal, readSeal, sealOrganisation, type OnSeal } from './actions.ts'
import { Seal } from './schemas.ts'

const tags = ['Organisations']
const lifting: Access = { to: ['delegate', 'operator'], scope: 'organisations:write' }

export function sealRoutes(app: App, { onSeal }: { onSeal: readonly OnSeal[] }): void {
  app.get(
    '/v1/organisations/:id/seal',
    {
      config: { access: { to: ['delegate', 'operator'], scope: 'organisations:read' } },
      schema: {
        operationId: 'getSeal',
        tags,
        summary: 'Read whether your organisation is sealed and whether lifting the seal was requested',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ context, params }) => readSeal(context, params.id),
  )

  app.put(
    '/v1/organisations/:id/seal',
    {
      config: { access: delegatesWith('organisations:write'), urgent: true },
      schema: {
        operationId: 'sealOrganisation',
        tags,
        summary: 'Hide your whole organisation immediately, in an emergency',
        description:
          'An administrator of the organisation can do this alone. The request needs no version and can be repeated. To everybody else, including partners, the organisation, its pacts and its visits appear not to exist. All tokens of its people and its API clients are revoked except the token of this request, and so are its links. Nothing of the organisation can be changed until two persons have lifted the seal.',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ context, params }) => sealOrganisation(context, params.id, onSeal),
  )

  app.post(
    '/v1/organisations/:id/seal/liftings',
    {
      config: { access: lifting },
      schema: {
        operationId: 'liftSeal',
        tags,
        summary: 'Request to lift the seal, or approve such a request as another person',
        description:
          'An administrator of the organisation requests it first. A second person must approve within 72 hours: another administrator, a coordinator of another verified coordination or, for a coordination, the operator. They find the request in `GET /v1/approvals`. Revoked tokens and links stay revoked; create new ones.',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ context, params }) => liftSeal(context, params.id),
  )
}
