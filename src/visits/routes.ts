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
import { acceptVisit, moveVisit, rescheduleVisit } from './transitions.ts'
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
        summary: 'The visits of your organisations, in order of time',
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
          'Either side proposes, with one to five windows in the host’s local time; the other side chooses one.',
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
          'For the side that did not offer the windows. The time of those who agreed to come is held from now on; the ' +
          'answer tells for whom it could not be.',
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
          'By either side, also with another time zone. Confirmations and bookings for the old window are void; the other side chooses anew.',
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
          'Once for each side, when there is a participant and all are ready. With the second confirmation the visit ' +
          'is `confirmed`, and so is the time of its participants.',
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
