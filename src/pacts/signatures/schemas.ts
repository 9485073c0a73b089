import { z } from 'zod'
import { storyDigest } from '../../platform/wire/story.ts'
import { statesOf } from '../../platform/lifecycle/lifecycle.ts'
import { idInput, instantOutput, Reference } from '../../platform/wire/common-schemas.ts'
import { organisationStatusThen } from '../../organisations/schemas.ts'
import { pactLifecycle } from '../lifecycle.ts'
import { exampleContent, ProposalContent } from '../proposals/schemas.ts'
import { digest } from '../responses/schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

const { pact: pactId, proposal: proposalId, signature: id, mandate: mandateId } = storyIds
const { committee: party } = storyReferences
const signedAt = '2026-11-25T18:00:00.000Z'

export const Sign = z
  .strictObject({
    proposalId: idInput,
    contentDigest: digest,
    organisationId: idInput.optional().meta({
      description: 'The party for which you sign. Required only if you have mandates in several parties.',
    }),
  })
  .meta({ id: 'Sign', examples: [{ proposalId, contentDigest: storyDigest }] })
export type Sign = z.infer<typeof Sign>

const SignaturePayload = z
  .object({
    purpose: z.literal('pact-signature'),
    pactId: z.uuid(),
    proposalId: z.uuid(),
    contentDigest: z.string(),
    organisationId: z.uuid(),
    mandateId: z
      .uuid()
      .meta({ description: 'The mandate of the signatory. It does not reveal who the person is.' }),
    signedAt: instantOutput,
  })
  .meta({ id: 'SignaturePayload' })

const SignatureReceipt = z
  .object({
    alg: z.literal('EdDSA'),
    keyId: z.string().meta({ description: 'The RFC 7638 thumbprint of the key in /.well-known/jwks.json.' }),
    payload: SignaturePayload,
    signature: z
      .string()
      .meta({ description: 'The Ed25519 signature of the canonical JSON of the payload, in base64url.' }),
  })
  .meta({ id: 'SignatureReceipt', description: 'Anyone can verify it offline with the published key.' })

const receipt = {
  alg: 'EdDSA',
  keyId: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  payload: {
    purpose: 'pact-signature',
    pactId,
    proposalId,
    contentDigest: storyDigest,
    organisationId: party.id,
    mandateId,
    signedAt,
  },
  signature: 'A'.repeat(86),
}

export const Signature = z
  .object({
    id: z.uuid(),
    pactId: z.uuid(),
    proposalId: z.uuid(),
    contentDigest: z.string(),
    party: Reference,
    organisationStatus: organisationStatusThen,
    signedAt: instantOutput,
    void: z.boolean().meta({
      description:
        'True if the signature binds nobody: another text replaced the signed one, or the pact was withdrawn or lapsed.',
    }),
    receipt: SignatureReceipt,
  })
  .meta({
    id: 'Signature',
    fieldClasses: { default: 'parties' },
    examples: [
      {
        id,
        pactId,
        proposalId,
        contentDigest: storyDigest,
        party,
        organisationStatus: 'provisional',
        signedAt,
        void: false,
        receipt,
      },
    ],
  })

export const SignatureList = z.object({ data: z.array(Signature), nextCursor: z.null() }).meta({
  id: 'SignatureList',
  description: 'All signatures of the pact, oldest first, including void ones.',
})

const VerifiedProposal = z
  .object({
    id: z.uuid(),
    contentDigest: z.string().meta({ description: 'The digest that was stored with the proposal.' }),
    content: ProposalContent,
    holds: z.boolean().meta({ description: 'Whether the content still has that digest.' }),
  })
  .meta({ id: 'VerifiedProposal' })

const VerifiedSignature = z
  .object({
    party: Reference,
    signedAt: instantOutput,
    receipt: SignatureReceipt,
    holds: z
      .boolean()
      .meta({ description: 'Whether the receipt is genuine and names this party and this text.' }),
  })
  .meta({ id: 'VerifiedSignature' })

export const Verification = z
  .object({
    pactId: z.uuid(),
    pactStatus: z.enum(statesOf(pactLifecycle)).meta({
      description:
        'As the service says, without proof. Receipts of a pact that was withdrawn or has lapsed bind nobody.',
    }),
    proposal: VerifiedProposal,
    signatures: z.array(VerifiedSignature),
    complete: z.boolean().meta({ description: 'Whether every party in the text has signed it.' }),
    holds: z.boolean().meta({
      description: 'Whether the text and all receipts are genuine, as the service says, without proof.',
    }),
  })
  .meta({
    id: 'Verification',
    description: 'Everything that `scripts/verify-pact.ts` needs to verify a pact without the service.',
    examples: [
      {
        pactId,
        pactStatus: 'signing',
        proposal: { id: proposalId, contentDigest: storyDigest, content: exampleContent, holds: true },
        signatures: [{ party, signedAt, receipt, holds: true }],
        complete: false,
        holds: true,
      },
    ],
  })

const PublicKey = z
  .object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: z.string(),
    kid: z.string(),
    alg: z.literal('EdDSA'),
    use: z.literal('sig'),
  })
  .meta({ id: 'PublicKey' })

export const PublicKeys = z.object({ keys: z.array(PublicKey) }).meta({
  id: 'PublicKeys',
  description:
    'The keys that verify receipts (RFC 7517): first the current key, then earlier ones. Fetch them early and store ' +
    'them.',
  examples: [
    {
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
          alg: 'EdDSA',
          use: 'sig',
        },
      ],
    },
  ],
})
