/**
 * GET    /v1/offer-links             links of one's own organisations
 * POST   /v1/offer-links
 * GET    /v1/offer-links/:id
 * DELETE /v1/offer-links/:id         revoke
 * POST   /v1/answers                 the answer of a link holder
 * POST   /v1/claims                  a link holder claims the account of the organisation
 * GET    /offer                      the page that a link opens
 */
import { holdersOf, linkHolders } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { documentRoute, staticDocument } from '../../platform/http/static-documents.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import type { Remind } from '../proposals/actions.ts'
import { negotiateLanguage } from '../proposals/routes.ts'
import { createOfferLink, listOfferLinks, readOfferLink, revokeOfferLink } from './actions.ts'
import { claimByLink, giveAnswer } from './answers.ts'
import { offerPageDocument } from './page.ts'
import {
  AnswerGiven,
  ClaimOrganisation,
  CreateOfferLink,
  GiveAnswer,
  OfferLink,
  OfferLinkCreated,
  OfferLinkList,
  offerLinkListParameters,
  OrganisationClaimed,
} from './schemas.ts'

const tags = ['Offer links']

export function offerLinkRoutes(
  app: App,
  { remind, publicUrl }: { remind: Remind; publicUrl: string },
): void {
  app.get('/offer', documentRoute, staticDocument(offerPageDocument))

  app.get(
    '/v1/offer-links',
    {
      config: { access: holdersOf('pacts:read'), list: true },
      schema: {
        operationId: 'listOfferLinks',
        tags,
        summary: 'List the offer links of your organisations, newest first',
        querystring: offerLinkListParameters,
        response: { 200: OfferLinkList },
      },
    },
    async (request, reply) => {
      const { context, query } = request
      return sendPage(request, reply, await listOfferLinks(context.read, context, query))
    },
  )

  app.post(
    '/v1/offer-links',
    {
      config: { access: holdersOf('pacts:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'createOfferLink',
        tags,
        summary:
          'Create a one-time link with which an addressee without an account reads an offer and answers it',
        description:
          'Only for the proposer. The link is valid for one pact and one decision. It can claim the account of the addressee ' +
          '(`mayClaim`) only if your organisation created the addressee. The secret is shown only once. Send it over a ' +
          'channel that you trust.',
        body: CreateOfferLink,
        response: { 201: OfferLinkCreated },
      },
    },
    async (request, reply) => {
      const link = await createOfferLink(request.context, request.body, publicUrl)
      return sendCreated(reply, link.url, link)
    },
  )

  app.get(
    '/v1/offer-links/:id',
    {
      config: { access: holdersOf('pacts:read') },
      schema: {
        operationId: 'getOfferLink',
        tags,
        summary: 'Read an offer link and its status',
        params: idParams,
        response: { 200: OfferLink },
      },
    },
    ({ context, params }) => readOfferLink(context.read, context, params.id),
  )

  app.delete(
    '/v1/offer-links/:id',
    {
      config: { access: holdersOf('pacts:write'), urgent: true },
      schema: {
        operationId: 'revokeOfferLink',
        tags,
        summary: 'Revoke an offer link; the next request with it is refused',
        params: idParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      await revokeOfferLink(request.context, request.params.id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/answers',
    {
      config: { access: linkHolders, idempotent: true, scarce: true },
      schema: {
        operationId: 'giveAnswer',
        tags,
        summary: 'Answer an offer with the link that you received, without an account',
        description:
          'The link stays valid after `comment` and `needs_more_time`. `accept`, `decline` and `counter` use it up. ' +
          'A used, expired or revoked link answers 410 `link_gone`.',
        body: GiveAnswer,
        response: { 201: AnswerGiven },
      },
    },
    async (request, reply) => {
      const answer = await giveAnswer(request.context, request.body, remind)
      const proposal = answer.proposal && negotiateLanguage(request, reply, answer.proposal)
      return sendCreated(reply, proposal?.url ?? answer.pact.url, { ...answer, proposal })
    },
  )

  app.post(
    '/v1/claims',
    {
      config: { access: linkHolders, idempotent: true, scarce: true },
      schema: {
        operationId: 'claimOrganisation',
        tags,
        summary: 'Claim the account of your organisation with the link that it received',
        description:
          'The organisation becomes `provisional`, and you become its first secretary. Your token is shown only once. Only a ' +
          'link of the organisation that created yours can do this; other links only answer their own offer. The link is ' +
          'used up, and all other links to your organisation are revoked, because it now answers with its own account.',
        body: ClaimOrganisation,
        response: { 201: OrganisationClaimed },
      },
    },
    async (request, reply) => {
      const claimed = await claimByLink(request.context, request.body)
      return sendCreated(reply, claimed.organisation.url, claimed)
    },
  )
}
