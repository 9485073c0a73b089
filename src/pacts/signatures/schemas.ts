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
    organisationId: idInput
      .optional()
      .meta({ description: 'For which party you sign; needed only if you hold mandates in several.' }),
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
    mandateId: z.uuid().meta({ description: 'The mandate that signed. It tells nobody who holds it.' }),
    signedAt: instantOutput,
  })
  .meta({ id: 'SignaturePayload' })

const SignatureReceipt = z
  .object({
    alg: z.literal('EdDSA'),
    keyId: z.string().meta({ description: 'RFC 7638 thumbprint of the key in /.well-known/jwks.json.' }),
    payload: SignaturePayload,
    signature: z
      .string()
      .meta({ description: "base64url of the Ed25519 signature over the payload's canonical JSON." }),
  })
  .meta({ id: 'SignatureReceipt', description: 'Anyone can verify it, offline, with the published key.' })

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
      description: 'Whether it binds nobody: the text was replaced since, or the pact withdrawn or lapsed.',
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
  description: 'All signatures of the pact, oldest first, also those that are void.',
})

const VerifiedProposal = z
  .object({
    id: z.uuid(),
    contentDigest: z.string().meta({ description: 'As it was kept when the proposal was made.' }),
    content: ProposalContent,
    holds: z.boolean().meta({ description: 'Whether the content, digested anew, still has that digest.' }),
  })
  .meta({ id: 'VerifiedProposal' })

const VerifiedSignature = z
  .object({
    party: Reference,
    signedAt: instantOutput,
    receipt: SignatureReceipt,
    holds: z
      .boolean()
      .meta({ description: 'Whether the receipt is genuine and speaks of this party and text.' }),
  })
  .meta({ id: 'VerifiedSignature' })

export const Verification = z
  .object({
    pactId: z.uuid(),
    pactStatus: z.enum(statesOf(pactLifecycle)).meta({
      description:
        'By the word of the service. Receipts of a pact that was withdrawn or has lapsed bind nobody.',
    }),
    proposal: VerifiedProposal,
    signatures: z.array(VerifiedSignature),
    complete: z.boolean().meta({ description: 'Whether every party that the text names has signed it.' }),
    holds: z
      .boolean()
      .meta({ description: 'Whether the text and all receipts hold, by the word of the service.' }),
  })
  .meta({
    id: 'Verification',
    description: 'All that `scripts/verify-pact.ts` needs to check a pact without the service.',
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
    'The keys that verify receipts (RFC 7517), the present one first, then those that signed before. Fetch them ' +
    'early and keep them.',
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
