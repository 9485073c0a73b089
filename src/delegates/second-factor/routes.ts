/**
 * GET    /v1/me/second-factor
 * POST   /v1/me/second-factor       a secret for an authenticator
 * DELETE /v1/me/second-factor       and with it the identity, the consents and the disclosures
 * POST   /v1/me/elevations          a code opens what is private to this token, for 15 minutes
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
    ({ act, caller }) => readSecondFactor(act.read, caller),
  )

  app.post(
    '/v1/me/second-factor',
    {
      // Not to be answered again by its key: once it counts, nobody is shown the secret any more.
      config: { access: delegatesWith('delegates:write'), scarce: true },
      schema: {
        operationId: 'beginSecondFactor',
        tags,
        summary: 'Take a secret for your authenticator; its first code confirms it',
        description:
          'While none was confirmed, asking again makes another secret in its place: do so when the answer was lost. A new factor opens your own identity at once, and what is not your own 48 hours after its first code.',
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
          'Needs no code, for whoever lost the authenticator; what it protected is destroyed, not shown. Your consents are taken back and the disclosures that you asked for or granted end, so that nobody else is shown by it either.',
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await removeSecondFactor(request.act, vault, onFactorLost)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/me/elevations',
    {
      // A token that may only read does not try codes.
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'elevate',
        tags,
        summary: 'Give a code of your authenticator: for 15 minutes this token opens what is private',
        description:
          'After five wrong codes none is taken for 15 minutes, after five more for 30, and so on up to a day; a right one begins anew. A code is good once; sent again it opens nothing, and is not counted as wrong.',
        body: Elevate,
        response: { 200: Elevation },
      },
    },
    (request) => elevate(request.act, vault, request.body.code),
  )
}
