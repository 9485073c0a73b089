/**
 * GET    /v1/disclosures                  those that concern you; for coordinators all
 * POST   /v1/disclosures                  one coordinator asks who somebody is
 * GET    /v1/disclosures/:id
 * DELETE /v1/disclosures/:id              any coordinator ends it
 * POST   /v1/disclosures/:id/grants       one of another coordination agrees
 * GET    /v1/disclosures/:id/identity
 * GET    /v1/me/identity-reads            who read yours
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
        summary: 'Where coordinators asked who you are; for coordinators, all such requests, newest first',
        querystring: disclosureListParameters,
        response: { 200: DisclosureList },
      },
    },
    async (request, reply) => sendPage(request, reply, await listDisclosures(request.act, request.query)),
  )

  app.post(
    '/v1/disclosures',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'requestDisclosure',
        tags,
        summary:
          'Ask, as a coordinator and in an emergency, who somebody is; one of another coordination must agree',
        description:
          'Asking, agreeing and reading need your second factor, 48 hours after its first code or later.',
        body: RequestDisclosure,
        response: { 201: Disclosure },
      },
    },
    async (request, reply) => {
      const disclosure = await requestDisclosure(request.act, request.body)
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
        summary: 'Read what was asked about whom, and whether it was granted',
        params: idParams,
        response: { 200: Disclosure },
      },
    },
    ({ act, params }) => readDisclosure(act, params.id),
  )

  app.delete(
    '/v1/disclosures/:id',
    {
      config: { access: delegatesWith('delegates:write') },
      schema: {
        operationId: 'endDisclosure',
        tags,
        summary:
          'End what was asked or granted, as a coordinator; from the next request on nobody reads by it',
        description:
          'Any coordinator of a verified coordination does it alone, as often as they like. It also ends by itself when the mandate of one of the two does.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await closeDisclosure(request.act, request.params.id)
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
        summary: 'Agree, as a coordinator of another coordination; the identity is open to both for 24 hours',
        params: idParams,
        response: { 200: Disclosure },
      },
    },
    ({ act, params }) => grantDisclosure(act, params.id),
  )

  app.get(
    '/v1/disclosures/:id/identity',
    {
      config: { access: delegatesWith('delegates:read') },
      schema: {
        operationId: 'getDisclosedIdentity',
        tags,
        summary: 'Read who somebody is, when two coordinators agreed; the person is told',
        params: idParams,
        response: { 200: Identity },
      },
    },
    ({ act, params }) => readDisclosedIdentity(act, vault, params.id),
  )

  app.get(
    '/v1/me/identity-reads',
    {
      config: { access: delegatesWith('delegates:read'), list: true },
      schema: {
        operationId: 'listIdentityReads',
        tags,
        summary: 'Who read your identity, when, and by what right, newest first',
        querystring: disclosureListParameters,
        response: { 200: IdentityReadList },
      },
    },
    async (request, reply) => sendPage(request, reply, await listIdentityReads(request.act, request.query)),
  )
}
