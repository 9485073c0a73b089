/**
 * GET    /v1/me/second-factor
 * POST   /v1/me/second-factor       create a secret for an authenticator
 * DELETE /v1/me/second-factor       remove it with the identity, the consents and the disclosures
 * POST   /v1/me/elevations          elevate this token with a code for 15 minutes
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated } from '../../platform/http/responses.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { Nothing } from '../../platform/wire/common-schemas.ts'
import {
  beginSecondFactor,
  elevate,
  readSecondFactor,
  removeSecondFactor,
  type OnFactorLost,
} from './actions.ts'
import { Elevate, Elevation, SecondFactor, SecondFactorBegun } from './schemas.ts'

const tags = ['Delegates']

type Needs = { vault: Vault; onFactorLost: readonly OnFactorLost[] }

export function secondFactorRoutes(app: App, { vault, onFactorLost }: Needs): void {
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
    ({ context }) => readSecondFactor(context.read, context),
  )

  app.post(
    '/v1/me/second-factor',
    {
      // Not idempotent by key: a stored answer would show the secret again.
      config: { access: delegatesWith('delegates:write'), scarce: true },
      schema: {
        operationId: 'beginSecondFactor',
        tags,
        summary: 'Create a secret for your authenticator; the first code confirms it',
        description:
          'Until a code confirms the secret, the same request replaces it; repeat it if the response was lost. A new second factor opens your own identity immediately, and the data of others 48 hours after its first code.',
        response: { 201: SecondFactorBegun },
      },
    },
    async (request, reply) =>
      sendCreated(reply, '/v1/me/second-factor', await beginSecondFactor(request.context, vault)),
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
          'This needs no code, because you may have lost the authenticator. The identity that it protected is deleted and not shown. Your consents are withdrawn, and the disclosures that you requested or granted are revoked.',
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeSecondFactor(request.context, vault, onFactorLost)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/me/elevations',
    {
      // A token without write scope must not try codes.
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'elevate',
        tags,
        summary: 'Give a code of your authenticator, which opens private data to this token for 15 minutes',
        description:
          'After five wrong codes, codes are refused for 15 minutes, after five more for 30 minutes, and so on up to one day. A correct code resets the count. A code works once; if it is sent again, it is refused but not counted as wrong.',
        body: Elevate,
        response: { 200: Elevation },
      },
    },
    (request) => elevate(request.context, vault, request.body.code),
  )
}
