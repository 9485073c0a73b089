/**
 * GET    /v1/visits/:id/participants
 * POST   /v1/visits/:id/participants                 nominate a delegate of one's own
 * GET    /v1/visit-participants/:id
 * GET    /v1/visit-participants/:id/transitions
 * POST   /v1/visit-participants/:id/transitions      agree, await_visa, get_ready, refuse, arrive, return, miss, withdraw
 */
import { holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated, sendPage } from '../../platform/http/responses.ts'
import { registerTransitions } from '../../platform/lifecycle/transitions.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { listParticipants, moveParticipant, nominateParticipant, readParticipant } from './actions.ts'
import { participantLifecycle } from './lifecycle.ts'
import { NominateParticipant, Participant, ParticipantList, participantListParameters } from './schemas.ts'

const tags = ['Visits']

export function participantRoutes(app: App): void {
  app.get(
    '/v1/visits/:id/participants',
    {
      config: { access: holdersOf('visits:read'), list: true },
      schema: {
        operationId: 'listParticipants',
        tags,
        summary: 'List the participants of a visit',
        description: 'Participants of the other side are named only after they have agreed themselves.',
        params: idParams,
        querystring: participantListParameters,
        response: { 200: ParticipantList },
      },
    },
    async (request, reply) => {
      const { context, params, query } = request
      return sendPage(request, reply, await listParticipants(context.read, context, params.id, query))
    },
  )

  app.post(
    '/v1/visits/:id/participants',
    {
      config: { access: holdersOf('visits:write'), idempotent: true },
      schema: {
        operationId: 'nominateParticipant',
        tags,
        summary: 'Nominate a delegate for a visit',
        description:
          'Each side nominates its own delegates. A delegate takes part only after agreeing personally.',
        params: idParams,
        body: NominateParticipant,
        response: { 201: Participant },
      },
    },
    async (request, reply) => {
      const participant = await nominateParticipant(request.context, request.params.id, request.body)
      return sendCreated(reply, participant.url, participant)
    },
  )

  app.get(
    '/v1/visit-participants/:id',
    {
      config: { access: holdersOf('visits:read') },
      schema: {
        operationId: 'getParticipant',
        tags,
        summary: 'Read a participant of a visit',
        params: idParams,
        response: { 200: Participant },
      },
    },
    ({ context, params }) => readParticipant(context.read, context, params.id),
  )

  registerTransitions(app, {
    plural: 'visit-participants',
    name: 'Participant',
    tag: 'Visits',
    fieldClass: 'parties',
    lifecycle: participantLifecycle,
    moves: ['agree', 'await_visa', 'get_ready', 'refuse', 'arrive', 'return', 'miss', 'withdraw'],
    read: holdersOf('visits:read'),
    write: holdersOf('visits:write'),
    response: Participant,
    move: moveParticipant,
    allowHistory: (context, id) => readParticipant(context.read, context, id),
  })
}
