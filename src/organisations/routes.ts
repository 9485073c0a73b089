/**
 * GET    /v1/organisations                      find organisations
 * POST   /v1/organisations                      register an organisation
 * POST   /v1/addressees                         create an unclaimed organisation (coordinators)
 * GET    /v1/organisations/:id
 * PATCH  /v1/organisations/:id
 * POST   /v1/organisations/:id/mergers          merge it into another (both secretaries and a coordinator)
 * POST   /v1/organisations/:id/renamings        rename a verified organisation (secretary and coordinator)
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
import { registerOrganisation, type AppointFirstSecretary } from './registrations/actions.ts'
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

/** Invited registrations count against the limit of the invitation, not against that of the address. */
const isUninvited = (body: unknown): boolean =>
  (body as RegisterOrganisation | undefined)?.invitation === undefined

export function organisationRoutes(
  app: App,
  { appointFirstSecretary }: { appointFirstSecretary: AppointFirstSecretary },
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
      const { context, query } = request
      const page = await listOrganisations(context.read, context, query)
      return sendPage(request, reply, {
        ...page,
        data: page.data.map((row) => presentOrganisation(context, row)),
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
          'Anyone can register an organisation. It is `provisional` until a coordinator verifies it. The response shows the token of its first secretary; the token is not shown again. The number of registrations per day is limited for each address and for the network around it. With the `invitation` of a coordination, these limits do not apply.',
        body: RegisterOrganisation,
        response: { 201: OrganisationRegistered },
      },
    },
    async (request, reply) => {
      const registered = await registerOrganisation(request.context, request.body, appointFirstSecretary)
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
        summary: 'Create an unclaimed organisation so that you can invite it',
        description:
          'For coordinators. The organisation stays `unclaimed`, and hidden from the public, until it claims its account with a link.',
        body: CreateAddressee,
        response: { 201: Organisation },
      },
    },
    async (request, reply) => {
      const organisation = await createAddressee(request.context, request.body)
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
    ({ context, params }) => readOrganisation(context.read, context, params.id),
  )

  app.patch(
    '/v1/organisations/:id',
    {
      config: { access: holdersOf('organisations:write'), ifMatch: true },
      schema: {
        operationId: 'changeOrganisation',
        tags,
        summary: 'Change the details of an organisation',
        params: idParams,
        body: ChangeOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) =>
      changeOrganisation(request.context, request.params.id, expectedVersion(request), request.body),
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
          'Three different persons send the same request within 72 hours: a secretary of the organisation, a secretary of the receiving organisation, and a coordinator. The secretary of the organisation or the coordinator begins. The receiving organisation must approve before the last of these two, whose request completes the merger.',
        params: idParams,
        body: MergeOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) => {
      const { intoId, reason } = request.body
      return mergeOrganisation(request.context, request.params.id, {
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
        summary: 'Change the name or country of a verified organisation',
        description:
          'Its secretary requests the change. It takes effect when a coordinator of another coordination sends the same request within 72 hours; for a coordination, the operator can do this too. The former name stays readable in `formerNames`.',
        params: idParams,
        body: RenameOrganisation,
        response: { 200: Organisation },
      },
    },
    (request) =>
      renameOrganisation(request.context, request.params.id, expectedVersion(request), request.body),
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
