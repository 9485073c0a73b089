/**
 * GET    /v1/me/second-factor
 * POST   /v1/me/second-factor       a secret for an authenticator
 * DELETE /v1/me/second-factor       and the identity with it
 * POST   /v1/me/elevations          a code opens what is private to this token, for 15 minutes
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/app.ts'
import { sendCreated } from '../../platform/listing.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { Nothing } from '../../platform/wire.ts'
import { beginSecondFactor, elevate, readSecondFactor, removeSecondFactor } from './actions.ts'
import { Elevate, Elevation, SecondFactor, SecondFactorBegun } from './schemas.ts'

const tags = ['Delegates']

export function secondFactorRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/me/second-factor',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getSecondFactor',
        tags,
        summary: 'Read whether you have a second factor',
        response: { 200: SecondFactor },
      },
    },
    ({ act, caller }) => readSecondFactor(act.read, caller),
  )

  app.post(
    '/v1/me/second-factor',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'beginSecondFactor',
        tags,
        summary: 'Take a secret for your authenticator; its first code confirms it',
        response: { 201: SecondFactorBegun },
      },
    },
    async (request, reply) =>
      sendCreated(reply, '/v1/me/second-factor', await beginSecondFactor(request.act, vault)),
  )

  app.delete(
    '/v1/me/second-factor',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'removeSecondFactor',
        tags,
        summary: 'Remove your second factor, and with it the identity that it protects',
        description:
          'Needs no code, for whoever lost the authenticator; what it protected is destroyed, not shown.',
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeSecondFactor(request.act, vault)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/me/elevations',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'elevate',
        tags,
        summary: 'Give a code of your authenticator: for 15 minutes this token opens what is private',
        body: Elevate,
        response: { 200: Elevation },
      },
    },
    (request) => elevate(request.act, vault, request.body.code),
  )
}
