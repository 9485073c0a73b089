/**
 * GET    /v1/me                      the holder of the token, and what they may do now
 * GET    /v1/delegates
 * POST   /v1/delegates
 * GET    /v1/delegates/:id
 * PATCH  /v1/delegates/:id
 */
import { delegatesWith, everyToken, holdersOf } from '../platform/access.ts'
import type { App } from '../platform/http/app.ts'
import { sendCreated, sendPage } from '../platform/http/responses.ts'
import { expectedVersion } from '../platform/http/preconditions.ts'
import { idParams } from '../platform/wire/common-schemas.ts'
import { accessDelegate, changeDelegate, createDelegate, listDelegates } from './actions.ts'
import { describeCaller } from './me.ts'
import {
  ChangeDelegate,
  CreateDelegate,
  Delegate,
  delegateListParameters,
  DelegateList,
  Me,
} from './schemas.ts'

const tags = ['Delegates']

export function delegateRoutes(app: App): void {
  app.get(
    '/v1/me',
    {
      config: { access: everyToken, urgent: true },
      schema: {
        operationId: 'getMe',
        tags,
        summary: 'Read who holds this token and what they may do now',
        response: { 200: Me },
      },
    },
    ({ context }) => describeCaller(context.read, context),
  )

  app.get(
    '/v1/delegates',
    {
      config: { access: holdersOf('delegates:read'), list: true },
      schema: {
        operationId: 'listDelegates',
        tags,
        summary: 'List the delegates of the organisations in which you hold a mandate',
        querystring: delegateListParameters,
        response: { 200: DelegateList },
      },
    },
    async (request, reply) => {
      return sendPage(
        request,
        reply,
        await listDelegates(request.context.read, request.context, request.query),
      )
    },
  )

  app.post(
    '/v1/delegates',
    {
      config: { access: holdersOf('delegates:write'), idempotent: true },
      schema: {
        operationId: 'createDelegate',
        tags,
        summary: 'Add a delegate under a name, which can be a pseudonym',
        body: CreateDelegate,
        response: { 201: Delegate },
      },
    },
    async (request, reply) => {
      const delegate = await createDelegate(request.context, request.body)
      return sendCreated(reply, delegate.url, delegate)
    },
  )

  app.get(
    '/v1/delegates/:id',
    {
      config: { access: holdersOf('delegates:read') },
      schema: {
        operationId: 'getDelegate',
        tags,
        summary: 'Read a delegate',
        params: idParams,
        response: { 200: Delegate },
      },
    },
    ({ context, params }) => accessDelegate(context.read, context, params.id),
  )

  app.patch(
    '/v1/delegates/:id',
    {
      config: { access: delegatesWith('delegates:write'), ifMatch: true },
      schema: {
        operationId: 'changeDelegate',
        tags,
        summary: 'Change the name or languages of a delegate',
        params: idParams,
        body: ChangeDelegate,
        response: { 200: Delegate },
      },
    },
    (request) => changeDelegate(request.context, request.params.id, expectedVersion(request), request.body),
  )
}
