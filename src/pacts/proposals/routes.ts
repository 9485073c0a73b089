/**
 * GET    /v1/pacts/:id/proposals      newest first
 * POST   /v1/pacts/:id/proposals      the first one, or a counter-proposal
 * GET    /v1/proposals/:id
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { holdersOf, partiesOrLink } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { withPreferredText, listProposals, propose, readProposal, type Remind } from './actions.ts'
import type { ProposalRow } from './queries.ts'
import { Proposal, ProposalList, proposalListParameters, Propose } from './schemas.ts'

const tags = ['Pacts']

export function proposalRoutes(app: App, { remind }: { remind: Remind }): void {
  app.get(
    '/v1/pacts/:id/proposals',
    {
      config: { access: partiesOrLink('pacts:read'), list: true },
      schema: {
        operationId: 'listProposals',
        tags,
        summary: 'List the proposals of a pact, newest first',
        description: '`Accept-Language` chooses the language of each `text`.',
        params: idParams,
        querystring: proposalListParameters,
        response: { 200: ProposalList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      const page = await listProposals(context.read, context, params.id, query)
      return sendPage(request, reply, { ...page, data: negotiateLanguages(request, reply, page.data) })
    },
  )

  app.post(
    '/v1/pacts/:id/proposals',
    {
      config: { access: holdersOf('pacts:write'), idempotent: true },
      schema: {
        operationId: 'propose',
        tags,
        summary: 'Make a proposal, or a counter-proposal that replaces the open one',
        description:
          'The first proposal comes from the proposer and opens the negotiation. A later one names in `supersedesId` the ' +
          'open proposal that it replaces (409 `proposal_superseded` if another one is open by then). Its author has ' +
          'thereby accepted it; all other parties answer again.',
        params: idParams,
        body: Propose,
        response: { 201: Proposal },
      },
    },
    async (request, reply) => {
      const row = await propose(request.context, request.params.id, request.body, remind)
      return sendCreated(reply, row.url, negotiateLanguage(request, reply, row))
    },
  )

  app.get(
    '/v1/proposals/:id',
    {
      config: { access: partiesOrLink('pacts:read') },
      schema: {
        operationId: 'getProposal',
        tags,
        summary: 'Read a proposal',
        description:
          '`Accept-Language` chooses the language of `text`. `content.texts` contains all languages.',
        params: idParams,
        response: { 200: Proposal },
      },
    },
    async (request, reply) => {
      const row = await readProposal(request.context.read, request.context, request.params.id)
      return negotiateLanguage(request, reply, row)
    },
  )
}

/** Chooses the text by Accept-Language and says so in Content-Language and Vary. */
export function negotiateLanguage(request: FastifyRequest, reply: FastifyReply, row: ProposalRow) {
  const shown = withPreferredText(row, request.headers['accept-language'])
  void reply.headers({ vary: 'Accept-Language', 'content-language': shown.text.language })
  return shown
}

function negotiateLanguages(request: FastifyRequest, reply: FastifyReply, rows: ProposalRow[]) {
  const shown = rows.map((row) => negotiateLanguage(request, reply, row))
  const languages = [...new Set(shown.map((proposal) => proposal.text.language))]
  void reply.header('vary', 'Accept-Language')
  if (languages.length > 0) void reply.header('content-language', languages.join(', '))
  return shown
}
