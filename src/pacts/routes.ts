/**
 * GET    /v1/pacts                       one's own, newest first
 * POST   /v1/pacts                       draft one
 * GET    /v1/pacts/:id
 * PATCH  /v1/pacts/:id                   the title of a draft
 * GET    /v1/pacts/:id/transitions
 * POST   /v1/pacts/:id/transitions       withdraw, reopen, decline
 *
 * and what its folders hold: proposals, responses, signatures, offer links.
 */
import { holdersOf, partiesOrLink } from '../platform/access.ts'
import type { App } from '../platform/http/app.ts'
import type { Enqueue } from '../platform/jobs/queue.ts'
import { sendCreated, sendPage } from '../platform/http/responses.ts'
import type { Signer } from '../platform/ledger/receipts.ts'
import { registerTransitions } from '../platform/lifecycle/transitions.ts'
import { expectedVersion } from '../platform/http/preconditions.ts'
import { idParams } from '../platform/wire/common-schemas.ts'
import { changePact, draftPact, listOwnPacts, readPact } from './actions.ts'
import { answerReminder } from './jobs.ts'
import { askedPactMoves, pactLifecycle } from './lifecycle.ts'
import { movePact } from './transitions.ts'
import { offerLinkRoutes } from './offer-links/routes.ts'
import type { Remind } from './proposals/actions.ts'
import { proposalRoutes } from './proposals/routes.ts'
import { responseRoutes } from './responses/routes.ts'
import { ChangePact, DraftPact, Pact, PactList, pactListParameters } from './schemas.ts'
import { signatureRoutes } from './signatures/routes.ts'

const tags = ['Pacts']

export type PactDeps = { signer: Signer; enqueue: Enqueue; publicUrl: string }

export function pactRoutes(app: App, { signer, enqueue, publicUrl }: PactDeps): void {
  const remind: Remind = (tx, proposalId, at) => enqueue(tx, answerReminder, { proposalId }, at)

  app.get(
    '/v1/pacts',
    {
      config: { access: holdersOf('pacts:read'), list: true },
      schema: {
        operationId: 'listPacts',
        tags,
        summary: 'List the pacts of your organisations, newest first',
        querystring: pactListParameters,
        response: { 200: PactList },
      },
    },
    async (request, reply) => {
      const page = await listOwnPacts(request.context.read, request.context, request.query)
      return sendPage(request, reply, page)
    },
  )

  app.post(
    '/v1/pacts',
    {
      config: { access: holdersOf('pacts:write'), idempotent: true },
      schema: {
        operationId: 'draftPact',
        tags,
        summary: 'Draft a pact with other organisations',
        description:
          'Requires a mandate with the power `negotiate` in a verified organisation. Nobody else can see the draft ' +
          'until you make the first proposal.',
        body: DraftPact,
        response: { 201: Pact },
      },
    },
    async (request, reply) => {
      const pact = await draftPact(request.context, request.body)
      return sendCreated(reply, pact.url, pact)
    },
  )

  app.get(
    '/v1/pacts/:id',
    {
      config: { access: partiesOrLink('pacts:read') },
      schema: {
        operationId: 'getPact',
        tags,
        summary: 'Read a pact with its parties and its current proposal',
        params: idParams,
        response: { 200: Pact },
      },
    },
    ({ context, params }) => readPact(context.read, context, params.id),
  )

  app.patch(
    '/v1/pacts/:id',
    {
      config: { access: holdersOf('pacts:write'), ifMatch: true },
      schema: {
        operationId: 'changePact',
        tags,
        summary: 'Change the title of a draft',
        params: idParams,
        body: ChangePact,
        response: { 200: Pact },
      },
    },
    (request) => changePact(request.context, request.params.id, expectedVersion(request), request.body),
  )

  registerTransitions(app, {
    plural: 'pacts',
    name: 'Pact',
    tag: 'Pacts',
    fieldClass: 'parties',
    lifecycle: pactLifecycle,
    moves: askedPactMoves,
    byParties: true,
    read: partiesOrLink('pacts:read'),
    write: holdersOf('pacts:write'),
    response: Pact,
    move: movePact,
    allowHistory: (context, id) => readPact(context.read, context, id),
  })

  proposalRoutes(app, { remind })
  responseRoutes(app)
  signatureRoutes(app, { signer })
  offerLinkRoutes(app, { remind, publicUrl })
}
