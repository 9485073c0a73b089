/**
 * GET    /v1/visits                        those of one's organisations, in order of time
 * POST   /v1/visits                        propose one, with one to five windows
 * GET    /v1/visits/:id
 * POST   /v1/visits/:id/acceptances        the other side chooses a window
 * POST   /v1/visits/:id/reschedulings      either side offers new windows
 * POST   /v1/visits/:id/confirmations      each side once; with the second the visit is `confirmed`
 * GET    /v1/visits/:id/transitions
 * POST   /v1/visits/:id/transitions        decline, cancel, start, complete
 */
import { holdersOf } from '../platform/access.ts'
import type { App } from '../platform/http/app.ts'
import { sendCreated, sendPage } from '../platform/http/responses.ts'
import { registerTransitions } from '../platform/lifecycle/transitions.ts'
import { expectedVersion } from '../platform/http/preconditions.ts'
import type { Vault } from '../platform/vault/vault.ts'
import { idParams } from '../platform/wire/common-schemas.ts'
import { listVisits, readVisit } from './actions.ts'
import { confirmVisit } from './confirmations.ts'
import { VisitTransitionDetails } from './history/schemas.ts'
import { visitLifecycle } from './lifecycle.ts'
import { acceptVisit } from './acceptances.ts'
import { rescheduleVisit } from './reschedulings.ts'
import { moveVisit } from './transitions.ts'
import { proposeVisit } from './proposals.ts'
import {
  AcceptedVisit,
  AcceptVisit,
  ConfirmVisit,
  listParameters,
  ProposeVisit,
  RescheduleVisit,
  Visit,
  VisitList,
} from './schemas.ts'

const tags = ['Visits']

export function visitRoutes(app: App, { vault }: { vault: Vault }): void {
  app.get(
    '/v1/visits',
    {
      config: { access: holdersOf('visits:read'), list: true },
      schema: {
        operationId: 'listVisits',
        tags,
        summary: 'List the visits of your organisations, ordered by time',
        querystring: listParameters,
        response: { 200: VisitList },
      },
    },
    async (request, reply) => {
      return sendPage(request, reply, await listVisits(request.context.read, request.context, request.query))
    },
  )

  app.post(
    '/v1/visits',
    {
      config: { access: holdersOf('visits:write'), idempotent: true },
      schema: {
        operationId: 'proposeVisit',
        tags,
        summary: 'Propose a visit under a pact that is in force',
        description:
          'Either side can propose, with one to five windows in the local time of the host. The other side chooses one.',
        body: ProposeVisit,
        response: { 201: Visit },
      },
    },
    async (request, reply) => {
      const visit = await proposeVisit(request.context, request.body)
      return sendCreated(reply, visit.url, visit)
    },
  )

  app.get(
    '/v1/visits/:id',
    {
      config: { access: holdersOf('visits:read') },
      schema: {
        operationId: 'getVisit',
        tags,
        summary: 'Read a visit',
        params: idParams,
        response: { 200: Visit },
      },
    },
    ({ context, params }) => readVisit(context.read, context, params.id),
  )

  app.post(
    '/v1/visits/:id/acceptances',
    {
      config: { access: holdersOf('visits:write'), ifMatch: true, idempotent: true },
      schema: {
        operationId: 'acceptVisit',
        tags,
        summary: 'Accept a visit by choosing one of its windows',
        description:
          'Only for the side that did not offer the windows. From now on, participants who agreed to come are booked for ' +
          'this time. The answer lists those who could not be booked.',
        params: idParams,
        body: AcceptVisit,
        response: { 201: AcceptedVisit },
      },
    },
    async (request, reply) => {
      const chosen = { windowId: request.body.windowId, version: expectedVersion(request) }
      const visit = await acceptVisit(request.context, request.params.id, chosen)
      return sendCreated(reply, visit.url, visit)
    },
  )

  app.post(
    '/v1/visits/:id/reschedulings',
    {
      config: { access: holdersOf('visits:write'), ifMatch: true, idempotent: true },
      schema: {
        operationId: 'rescheduleVisit',
        tags,
        summary: 'Offer new windows for a visit',
        description:
          'Either side can do this, also with another time zone. Confirmations and bookings of the old window become void, and the other side chooses again.',
        params: idParams,
        body: RescheduleVisit,
        response: { 201: Visit },
      },
    },
    async (request, reply) => {
      const asked = { ...request.body, version: expectedVersion(request) }
      const visit = await rescheduleVisit(request.context, request.params.id, asked)
      return sendCreated(reply, visit.url, visit)
    },
  )

  app.post(
    '/v1/visits/:id/confirmations',
    {
      config: { access: holdersOf('visits:write'), idempotent: true },
      schema: {
        operationId: 'confirmVisit',
        tags,
        summary: 'Confirm the chosen window of a visit',
        description:
          'Each side confirms once, when the visit has a participant and all participants are ready. With the second ' +
          'confirmation, the visit becomes `confirmed`, and so do the bookings of its participants.',
        params: idParams,
        body: ConfirmVisit,
        response: { 201: Visit },
      },
    },
    async (request, reply) => {
      const visit = await confirmVisit(request.context, request.params.id, request.body)
      return sendCreated(reply, visit.url, visit)
    },
  )

  registerTransitions(app, {
    plural: 'visits',
    name: 'Visit',
    tag: 'Visits',
    fieldClass: 'parties',
    lifecycle: visitLifecycle,
    moves: ['decline', 'cancel', 'start', 'complete'],
    read: holdersOf('visits:read'),
    write: holdersOf('visits:write'),
    response: Visit,
    details: VisitTransitionDetails,
    move: (context, asked) => moveVisit(context, vault, asked),
    allowHistory: (context, id) => readVisit(context.read, context, id),
  })
}
