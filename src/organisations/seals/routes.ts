/**
 * GET  /v1/organisations/:id/seal
 * PUT  /v1/organisations/:id/seal            hides everything of it, and ends its tokens and links
 * POST /v1/organisations/:id/seal/liftings   one of its own asks, another person agrees
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
        summary: 'Read whether your organisation is sealed, and whether it is being lifted',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ act, params }) => readSeal(act, params.id),
  )

  app.put(
    '/v1/organisations/:id/seal',
    {
      config: { access: delegatesWith('organisations:write'), urgent: true },
      schema: {
        operationId: 'sealOrganisation',
        tags,
        summary: 'In an emergency: hide everything of your organisation, at once',
        description:
          'Whoever administers it does it alone, without a version and as often as they like. Its page, its pacts and its visits are answered to everybody else as if they had never been, partners included. All tokens of its people and its clients end but the one that asks, and so do its links. Nothing of it is changed until two persons have lifted the seal.',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ act, params }) => sealOrganisation(act, params.id, onSeal),
  )

  app.post(
    '/v1/organisations/:id/seal/liftings',
    {
      config: { access: lifting },
      schema: {
        operationId: 'liftSeal',
        tags,
        summary: 'Ask to lift the seal, or agree to it as another person',
        description:
          'Who administers the organisation asks first. Another one of them, a coordinator of another verified coordination or, for a coordination, the operator agrees within 72 hours; tell them the id of the organisation, for nothing else leads to it. Tokens and links stay dead: make new ones.',
        params: idParams,
        response: { 200: Seal },
      },
    },
    ({ act, params }) => liftSeal(act, params.id),
  )
}
