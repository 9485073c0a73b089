/**
 * GET    /v1/invitations             the invitations of your coordination
 * POST   /v1/invitations
 * GET    /v1/invitations/:id
 * DELETE /v1/invitations/:id         revoke
 * GET    /invitation                 the page that an invitation opens
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { documentRoute, staticDocument } from '../../platform/http/static-documents.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { createInvitation, listInvitations, readInvitation, revokeInvitation } from './actions.ts'
import { invitationPageDocument } from './page.ts'
import {
  CreateInvitation,
  Invitation,
  InvitationCreated,
  InvitationList,
  invitationListParameters,
} from './schemas.ts'

const tags = ['Organisations']

export function invitationRoutes(app: App, { publicUrl }: { publicUrl: string }): void {
  app.get('/invitation', documentRoute, staticDocument(invitationPageDocument))

  app.get(
    '/v1/invitations',
    {
      config: { access: delegatesWith('organisations:read'), list: true },
      schema: {
        operationId: 'listInvitations',
        tags,
        summary: 'List the invitations of your coordination, newest first',
        description: 'For coordinators and administrators of the coordination.',
        querystring: invitationListParameters,
        response: { 200: InvitationList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await listInvitations(context.read, context, query))
    },
  )

  app.post(
    '/v1/invitations',
    {
      config: { access: delegatesWith('organisations:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'createInvitation',
        tags,
        summary: 'Invite organisations to register',
        description:
          'For coordinators of a verified coordination. The daily limits on registrations do not apply to an organisation that registers with the secret, and it comes first in the verification queue. The invitation is revoked when your mandate ends, when the token that created it is revoked, and when the coordination is sealed. The secret is shown once.',
        body: CreateInvitation,
        response: { 201: InvitationCreated },
      },
    },
    async (request, reply) => {
      const invitation = await createInvitation(request.context, request.body, publicUrl)
      return sendCreated(reply, invitation.url, invitation)
    },
  )

  app.get(
    '/v1/invitations/:id',
    {
      config: { access: delegatesWith('organisations:read') },
      schema: {
        operationId: 'getInvitation',
        tags,
        summary: 'Read an invitation and the number of its uses',
        params: idParams,
        response: { 200: Invitation },
      },
    },
    ({ context, params }) => readInvitation(context.read, context, params.id),
  )

  app.delete(
    '/v1/invitations/:id',
    {
      config: { access: delegatesWith('organisations:write'), urgent: true },
      schema: {
        operationId: 'revokeInvitation',
        tags,
        summary: 'Revoke an invitation with immediate effect',
        description: 'Organisations that registered with it stay registered.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeInvitation(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
