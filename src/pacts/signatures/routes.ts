/**
 * GET    /v1/pacts/:id/signatures
 * POST   /v1/pacts/:id/signatures
 * GET    /v1/pacts/:id/verification
 * GET    /.well-known/jwks.json          the keys that verify receipts
 */
import { anyone, delegatesWith, holdersOf } from '../../platform/access.ts'
import type { App } from '../../platform/http/app.ts'
import { sendCreated } from '../../platform/http/responses.ts'
import type { Signer } from '../../platform/ledger/receipts.ts'
import { idParams } from '../../platform/wire/common-schemas.ts'
import { listSignatures, sign, verifyPact } from './actions.ts'
import { PublicKeys, Sign, Signature, SignatureList, Verification } from './schemas.ts'

const tags = ['Pacts']

export function signatureRoutes(app: App, { signer }: { signer: Signer }): void {
  app.get(
    '/v1/pacts/:id/signatures',
    {
      config: { access: holdersOf('pacts:read') },
      schema: {
        operationId: 'listSignatures',
        tags,
        summary: 'List the signatures of a pact with their receipts',
        params: idParams,
        response: { 200: SignatureList },
      },
    },
    async (request) => {
      const { context, params } = request
      return { data: await listSignatures(context.read, context, params.id), nextCursor: null }
    },
  )

  app.post(
    '/v1/pacts/:id/signatures',
    {
      config: { access: delegatesWith('pacts:write'), idempotent: true },
      schema: {
        operationId: 'sign',
        tags,
        summary: 'Sign the accepted proposal for your organisation',
        description:
          'Requires a current mandate with the power `sign`. The answer contains an Ed25519 receipt for what you signed. ' +
          'The last signature puts the pact into force.',
        params: idParams,
        body: Sign,
        response: { 201: Signature },
      },
    },
    async (request, reply) => {
      const signature = await sign(request.context, request.params.id, request.body, signer)
      return sendCreated(reply, `/v1/pacts/${signature.pactId}/signatures`, signature)
    },
  )

  app.get(
    '/v1/pacts/:id/verification',
    {
      config: { access: holdersOf('pacts:read') },
      schema: {
        operationId: 'verifyPact',
        tags,
        summary: 'Read what verifies a pact: its text, digest and receipts',
        description:
          'Store it together with the keys at /.well-known/jwks.json. Then you can verify it offline at any time.',
        params: idParams,
        response: { 200: Verification },
      },
    },
    ({ context, params }) => verifyPact(context.read, context, params.id, signer.keys),
  )

  app.get(
    '/.well-known/jwks.json',
    {
      config: { access: anyone },
      schema: {
        operationId: 'getPublicKeys',
        tags,
        summary: 'Read the keys that verify receipts',
        response: { 200: PublicKeys },
      },
    },
    async () => ({ keys: [...signer.keys] }),
  )
}
