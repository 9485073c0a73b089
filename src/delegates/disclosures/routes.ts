/**
 * GET    /v1/disclosures                  those about you; for coordinators all
 * POST   /v1/disclosures                  request a disclosure, as a coordinator
 * GET    /v1/disclosures/:id
 * DELETE /v1/disclosures/:id              revoke it, as any coordinator
 * POST   /v1/disclosures/:id/grants       grant it, as a coordinator of another coordination
 * GET    /v1/disclosures/:id/identity
 * GET    /v1/me/identity-reads            who read your identity
 */
import { delegatesWith } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import type { Vault } from '../../platform/vault/vault.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { Identity } from '../identities/schemas.ts'
import {
  closeDisclosure,
  grantDisclosure,
  listDisclosures,
  listIdentityReads,
  readDisclosedIdentity,
  readDisclosure,
  requestDisclosure,
} from './actions.ts'
import {
  Disclosure,
  DisclosureList,
  disclosureListParameters,
  IdentityReadList,
  RequestDisclosure,
} from './schemas.ts'

const tags = ['Delegates']

export function disclosureRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/disclosures',
    {
      config: { access: delegatesWith('delegates:read'), list: true },
      schema: {
        operationId: 'listDisclosures',
        tags,
        summary: 'List the disclosures of your identity; for coordinators, all disclosures; newest first',
        querystring: disclosureListParameters,
        response: { 200: DisclosureList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await listDisclosures(context.read, context, query))
    },
  )

  app.post(
    '/v1/disclosures',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'requestDisclosure',
        tags,
        summary: 'Request, as a coordinator and in an emergency, the identity of a delegate',
        description:
          'A coordinator of another coordination must grant the request. Requesting, granting and reading need your second factor, at least 48 hours after its first code.',
        body: RequestDisclosure,
        response: { 201: Disclosure },
      },
    },
    async (request, reply) => {
      const disclosure = await requestDisclosure(request.context, request.body)
      return sendCreated(reply, disclosure.url, disclosure)
    },
  )

  app.get(
    '/v1/disclosures/:id',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getDisclosure',
        tags,
        summary: 'Read a disclosure and its status',
        params: idParams,
        response: { 200: Disclosure },
      },
    },
    ({ context, params }) => readDisclosure(context.read, context, params.id),
  )

  app.delete(
    '/v1/disclosures/:id',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'endDisclosure',
        tags,
        summary: 'Revoke a disclosure or a request for one, as a coordinator, with immediate effect',
        description:
          'Any coordinator of a verified coordination can do this alone and can repeat it. A disclosure also ends when the mandate of one of its two coordinators ends.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await closeDisclosure(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/disclosures/:id/grants',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'grantDisclosure',
        tags,
        summary:
          'Grant a disclosure, as a coordinator of another coordination; both can read the identity for 24 hours',
        params: idParams,
        response: { 200: Disclosure },
      },
    },
    ({ context, params }) => grantDisclosure(context, params.id),
  )

  app.get(
    '/v1/disclosures/:id/identity',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getDisclosedIdentity',
        tags,
        summary: 'Read an identity that two coordinators disclosed; the person can see that you did',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ context, params }) => readDisclosedIdentity(context, vault, params.id),
  )

  app.get(
    '/v1/me/identity-reads',
    {
      config: { access: delegatesWith('delegates:read'), list: true },
      schema: {
        operationId: 'listIdentityReads',
        tags,
        summary: 'List who read your identity, when and by what right, newest first',
        querystring: disclosureListParameters,
        response: { 200: IdentityReadList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await listIdentityReads(context.read, context, query))
    },
  )
}
