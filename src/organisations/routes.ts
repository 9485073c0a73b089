/**
 * GET    /v1/organisations                      find organisations
 * POST   /v1/organisations                      register one's own
 * POST   /v1/addressees                         make one known that is not here yet (coordinators)
 * GET    /v1/organisations/:id
 * PATCH  /v1/organisations/:id
 * POST   /v1/organisations/:id/mergers          merge it into another (both secretaries and a coordinator)
 * POST   /v1/organisations/:id/renamings        another name, once it is verified (secretary and coordinator)
 * GET    /v1/organisations/:id/transitions
 * POST   /v1/organisations/:id/transitions      verify, reject, resubmit, suspend, reinstate, dissolve
 */
import { anyone, delegatesWith, holdersAndOperator, holdersOf } from '../platform/access.ts'
import type { App } from '../platform/http/app.ts'
import { sendCreated, sendPage } from '../platform/http/responses.ts'
import { registerTransitions } from '../platform/lifecycle/transitions.ts'
import { expectedVersion } from '../platform/http/preconditions.ts'
import { idParams } from '../platform/wire/common-schemas.ts'
import {
  allowHistory,
  changeOrganisation,
  createAddressee,
  presentOrganisation,
  readOrganisation,
} from './actions.ts'
import { organisationLifecycle } from './lifecycle.ts'
import { mergeOrganisation } from './mergers.ts'
import { moveOrganisation } from './transitions.ts'
import { listOrganisations } from './queries.ts'
import { registerOrganisation, type SeatFirstSecretary } from './registrations/actions.ts'
import { OrganisationRegistered } from './registrations/schemas.ts'
import { renameOrganisation } from './renamings.ts'
import {
  ChangeOrganisation,
  CreateAddressee,
  listParameters,
  MergeOrganisation,
  Organisation,
  OrganisationList,
  RegisterOrganisation,
  RenameOrganisation,
} from './schemas.ts'

const tags = ['Organisations']

/** An invitation has a limit of its own: strangers at the same address do not use it up. */
const isUninvited = (body: unknown): boolean =>
  (body as RegisterOrganisation | undefined)?.invitation === undefined

export function organisationRoutes(
  app: App,
  { seatFirstSecretary }: { seatFirstSecretary: SeatFirstSecretary },
): void {
  app.get(
    '/v1/organisations',
    {
      config: { access: anyone, list: true },
      schema: {
        operationId: 'listOrganisations',
        tags,
        summary: 'Find organisations by name in any script, country, industry, kind and status',
        querystring: listParameters,
        response: { 200: OrganisationList },
      },
    },
    async (request, reply) => {
      const { act, query } = request
      const page = await listOrganisations(act, query)
      return sendPage(request, reply, {
        ...page,
        data: page.data.map((row) => presentOrganisation(act, row)),
      })
    },
  )

  app.post(
    '/v1/organisations',
    {
      config: { access: anyone, idempotent: true, registers: isUninvited, spendsSecret: true },
      schema: {
        operationId: 'registerOrganisation',
        tags,
        summary: 'Register a union, committee or coordination',
        description:
          'Anyone may. It starts as `provisional` until a coordinator verifies it. The token of its first secretary is shown in ' +
          'this answer and never again. How many may register in a day is limited for each address and for the network around ' +
          'it; with an `invitation` of a coordination it is not.',
        body: RegisterOrganisation,
        response: { 201: OrganisationRegistered },
      },
    },
    async (request, reply) => {
      const registered = await registerOrganisation(request.act, request.body, seatFirstSecretary)
      return sendCreated(reply, registered.organisation.url, registered)
    },
  )

  app.post(
    '/v1/addressees',
    {
      config: { access: delegatesWith('organisations:write'), idempotent: true, scarce: true },
      schema: {
        operationId: 'createAddressee',
        tags,
        summary: 'Make known an organisation that is not here yet, to write to it',
        description:
          'For coordinators. It stays `unclaimed`, and out of public sight, until it claims its account by a link.',
        body: CreateAddressee,
        response: { 201: Organisation },
      },
    },
    async (request, reply) => {
      const organisation = await createAddressee(request.act, request.body)
      return sendCreated(reply, organisation.url, organisation)
    },
  )

  app.get(
    '/v1/organisations/:id',
    {
      config: { access: anyone },
      schema: {
        operationId: 'getOrganisation',
        tags,
        summary: 'Read an organisation',
        params: idParams,
        response: { 200: Organisation },
      },
    },
    (request) => readOrganisation(request.act, request.params.id),
  )

  app.patch(
    '/v1/organisations/:id',
    {
      config: { access: holdersOf('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'changeOrganisation',
        tags,
        summary: 'Change what an organisation says of itself',
        params: idParams,
        body: ChangeOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) => changeOrganisation(request.act, request.params.id, expectedVersion(request), request.body),
  )

  app.post(
    '/v1/organisations/:id/mergers',
    {
      config: { access: delegatesWith('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'mergeOrganisation',
        tags,
        summary: 'Merge an organisation into another',
        description:
          'Its secretary, a secretary of the organisation that receives it and a coordinator, three persons, each ask for the ' +
          'same merger within 72 hours. The secretary or the coordinator begins; whoever receives it agrees before the last of ' +
          'the two, with whose word it takes effect.',
        params: idParams,
        body: MergeOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) => {
      const { intoId, reason } = request.body
      return mergeOrganisation(request.act, request.params.id, {
        intoId,
        reason,
        version: expectedVersion(request),
      })
    },
  )

  app.post(
    '/v1/organisations/:id/renamings',
    {
      config: { access: holdersAndOperator('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'renameOrganisation',
        tags,
        summary: 'Give a verified organisation another name or country',
        description:
          'Its secretary asks; it takes the name when a coordinator of another coordination asks for the same within 72 ' +
          'hours (for a coordination, the operator will do). The name before stays readable in `formerNames`.',
        params: idParams,
        body: RenameOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) => renameOrganisation(request.act, request.params.id, expectedVersion(request), request.body),
  )

  registerTransitions(app, {
    plural: 'organisations',
    name: 'Organisation',
    tag: 'Organisations',
    fieldClass: 'public',
    reasonClass: 'organisation',
    comparesNames: true,
    lifecycle: organisationLifecycle,
    moves: ['verify', 'reject', 'resubmit', 'suspend', 'reinstate', 'dissolve'],
    read: holdersAndOperator('organisations:read'),
    write: holdersAndOperator('organisations:write'),
    response: Organisation,
    move: moveOrganisation,
    allowHistory,
  })
}
