/**
 * GET    /v1/offer-links             those that one's organisation sent
 * POST   /v1/offer-links
 * GET    /v1/offer-links/:id
 * DELETE /v1/offer-links/:id         revoke
 * POST   /v1/answers                 what a link holder says
 * POST   /v1/claims                  a link holder takes the organisation's account
 * GET    /offer                      the page that a link opens
 */
import { holdersOf, linkHolders } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { documentRoute, staticDocument } from '../../platform/http/static-documents.ts'
import { idParams, Nothing } from '../../platform/wire/common-schemas.ts'
import type { Remind } from '../proposals/actions.ts'
import { oneInLanguage } from '../proposals/routes.ts'
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
        summary: 'The links that your organisation sent, newest first',
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
        summary: 'Make a one-time link by which an addressee without an account reads and answers the offer',
        description:
          'For the proposer. It is good for one pact and one decision; it claims the account (`mayClaim`) only if your ' +
          'organisation made the addressee known. The secret is shown once; hand it over by a way that you trust.',
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
        summary: 'Read what became of a link',
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
        summary: 'Revoke a link; it is refused from the next request on',
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
        summary: 'Answer an offer by the link that was sent to you, without an account',
        description:
          'A comment and asking for more time leave the link good; a yes, a no and a counter-proposal use it up. ' +
          'A used, expired or revoked link is told by 410 `link_gone`.',
        body: GiveAnswer,
        response: { 201: AnswerGiven },
      },
    },
    async (request, reply) => {
      const answer = await giveAnswer(request.context, request.body, remind)
      const proposal = answer.proposal && oneInLanguage(request, reply, answer.proposal)
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
        summary: 'Take the account of your organisation by the link that was sent to it',
        description:
          'It becomes `provisional` with you as its first secretary. Your token is shown once. Only a link of those who ' +
          'made your organisation known does this; that of any other proposer answers its own offer. The link is used up, ' +
          'and every other link to your organisation, whoever sent it, is revoked: from now on it answers for itself.',
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
