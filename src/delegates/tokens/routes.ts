/**
 * GET    /v1/tokens                              your own, and the API clients that you administer
 * POST   /v1/tokens
 * GET    /v1/tokens/:id
 * DELETE /v1/tokens/:id                          revoke
 * POST   /v1/delegates/:id/enrolment-links       a one-time secret for a delegate's own device
 * GET    /v1/enrolment-links                     the unused links
 * DELETE /v1/enrolment-links/:id                 revoke
 * POST   /v1/enrolments                          exchange such a secret for a token
 */
import { anyone, delegatesWith, everyToken, holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import type { IdentityProvider } from '../../platform/outbound/identity-provider.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import { accessToken, mintToken, revokeToken } from './actions.ts'
import { createEnrolmentLink, enrol, revokeEnrolmentLink } from './enrolments.ts'
import { visibleEnrolmentLinks, visibleTokens } from './queries.ts'
import {
  CreateEnrolmentLink,
  Enrol,
  Enrolled,
  EnrolmentLink,
  EnrolmentLinkList,
  MintToken,
  Token,
  TokenList,
  tokenListParameters,
  TokenMinted,
} from './schemas.ts'

const tags = ['Tokens']

export function tokenRoutes(app: App, { provider }: { provider: IdentityProvider | undefined }): void {
  app.get(
    '/v1/tokens',
    {
      config: { access: holdersOf('delegates:read'), list: true, urgent: true },
      schema: {
        operationId: 'listTokens',
        tags,
        summary: 'List your own tokens and those of the API clients that you administer, newest first',
        querystring: tokenListParameters,
        response: { 200: TokenList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await visibleTokens(context.read, context, query))
    },
  )

  app.post(
    '/v1/tokens',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'mintToken',
        tags,
        summary: 'Issue a token for yourself or for a system of your organisation',
        description:
          'The new token can have only scopes of the token used for this request. It is revoked with that token, and expires no later unless a code of your second factor was given. The secret is shown once.',
        body: MintToken,
        response: { 201: TokenMinted },
      },
    },
    async (request, reply) => {
      const minted = await mintToken(request.context, request.body)
      return sendCreated(reply, `/v1/tokens/${minted.id}`, minted)
    },
  )

  app.get(
    '/v1/tokens/:id',
    {
      config: { access: holdersOf('delegates:read') },
      schema: {
        operationId: 'getToken',
        tags,
        summary: 'Read the details of a token',
        params: idParams,
        response: { 200: Token },
      },
    },
    ({ context, params }) => accessToken(context.read, context, params.id),
  )

  app.delete(
    '/v1/tokens/:id',
    {
      config: { access: { to: everyToken.to.filter((kind) => kind !== 'link') }, urgent: true },
      schema: {
        operationId: 'revokeToken',
        tags,
        summary: 'Revoke a token with immediate effect',
        description:
          'This also revokes the tokens and API clients that were issued with it, the unused links that were created with it, and every unused link that the person created for themselves.',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeToken(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/delegates/:id/enrolment-links',
    {
      config: { access: delegatesWith('delegates:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'createEnrolmentLink',
        tags,
        summary: 'Create a one-time secret with which a delegate gets a token on their own device',
        params: idParams,
        body: CreateEnrolmentLink,
        response: { 201: EnrolmentLink },
      },
    },
    async (request, reply) => {
      const link = await createEnrolmentLink(request.context, request.params.id, request.body)
      return sendCreated(reply, `/v1/enrolment-links/${link.id}`, link)
    },
  )

  app.get(
    '/v1/enrolment-links',
    {
      config: { access: delegatesWith('delegates:read'), list: true },
      schema: {
        operationId: 'listEnrolmentLinks',
        tags,
        summary:
          'List the unused enrolment links for yourself and for delegates whom you manage, newest first',
        querystring: tokenListParameters,
        response: { 200: EnrolmentLinkList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await visibleEnrolmentLinks(context.read, context, query))
    },
  )

  app.delete(
    '/v1/enrolment-links/:id',
    {
      config: { access: delegatesWith('delegates:write'), urgent: true },
      schema: {
        operationId: 'revokeEnrolmentLink',
        tags,
        summary: 'Revoke an unused enrolment link',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeEnrolmentLink(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/enrolments',
    {
      config: { access: anyone, idempotent: true, spendsSecret: true },
      schema: {
        operationId: 'enrol',
        tags,
        summary:
          'Exchange an enrolment secret for a token, or bind an account of your identity provider to it',
        body: Enrol,
        response: { 201: Enrolled },
      },
    },
    async (request, reply) => {
      const enrolled = await enrol(request.context, request.body, provider)
      return sendCreated(reply, `/v1/tokens/${enrolled.id}`, enrolled)
    },
  )
}
