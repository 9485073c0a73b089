import { z } from 'zod'
import { storyDigest, storyMoment, storyMonthLater, storySecret } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { anyOf, idInput, instantOutput, listOf, Reference } from '../../platform/wire/common-schemas.ts'
import { exampleOrganisation, Organisation, RegisterOrganisation } from '../../organisations/schemas.ts'
import { NextStep } from '../../organisations/next-steps/schemas.ts'
import {
  exampleNext,
  exampleSeat,
  FirstToken,
  MandateReference,
} from '../../organisations/registrations/schemas.ts'
import {
  authenticFault,
  hasAuthenticText,
  exampleProposal,
  exampleCreatedProposal,
  Proposal,
  proposalFields,
} from '../proposals/schemas.ts'
import { Response, responseFields } from '../responses/schemas.ts'
import { decisions } from '../responses/tables.ts'
import { examplePact, Pact } from '../schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

const linkDaysMax = 90

const { committee, pact: pactId, proposal: proposalId, offerLink } = storyIds

export const CreateOfferLink = z
  .strictObject({
    pactId: idInput,
    organisationId: idInput.meta({ description: 'The invited party, which has no account yet.' }),
    days: z
      .int()
      .min(1)
      .max(linkDaysMax)
      .optional()
      .meta({ description: 'The number of days until the link expires. When omitted: 30.' }),
  })
  .meta({ id: 'CreateOfferLink', examples: [{ pactId, organisationId: committee, days: 30 }] })
export type CreateOfferLink = z.infer<typeof CreateOfferLink>

export const linkStatuses = ['live', 'used', 'expired', 'revoked'] as const
export type LinkStatus = (typeof linkStatuses)[number]

const offerLinkFields = {
  id: z.uuid(),
  url: z.string(),
  status: z.enum(linkStatuses),
  pact: Reference,
  organisation: Reference,
  mayClaim: z.boolean().meta({
    description:
      'Whether the link can also claim the account. Only a link of the organisation that created this one can.',
  }),
  createdAt: instantOutput,
  expiresAt: instantOutput,
  usedAt: instantOutput.nullable(),
  revokedAt: instantOutput.nullable(),
}

const example = {
  id: offerLink,
  url: `/v1/offer-links/${offerLink}`,
  status: 'live',
  pact: storyReferences.pact,
  organisation: storyReferences.committee,
  mayClaim: true,
  createdAt: storyMoment,
  expiresAt: storyMonthLater,
  usedAt: null,
  revokedAt: null,
}

export const OfferLink = z
  .object(offerLinkFields)
  .meta({ id: 'OfferLink', fieldClasses: { default: 'organisation' }, examples: [example] })
export const OfferLinkList = listOf('OfferLinkList', OfferLink)

const exampleSecret = storySecret('spl_')

export const OfferLinkCreated = z
  .object({
    ...offerLinkFields,
    secret: z
      .string()
      .meta({ description: 'Shown only in this answer. The service stores only its SHA-256.' }),
    offerUrl: z.string().meta({
      description:
        'The address to send: a page that shows the offer and takes the answer. The secret is in the fragment, which a ' +
        'browser does not send to the server as part of the address.',
    }),
  })
  .meta({
    id: 'OfferLinkCreated',
    fieldClasses: { default: 'organisation' },
    examples: [
      { ...example, secret: exampleSecret, offerUrl: `https://pact.example/offer#${exampleSecret}` },
    ],
  })

export const offerLinkListParameters = z.strictObject({
  pactId: idInput.optional(),
  status: anyOf(z.enum(linkStatuses)),
  ...pageParameters,
})
export type OfferLinkListParameters = z.infer<typeof offerLinkListParameters>

const CounterProposal = z
  .strictObject(proposalFields)
  .refine(hasAuthenticText, authenticFault)
  .meta({ id: 'CounterProposal', examples: [exampleProposal] })

const Decide = z.strictObject({ ...responseFields, decision: z.enum(decisions) }).meta({ id: 'Decide' })
const Counter = z
  .strictObject({ ...responseFields, decision: z.literal('counter'), proposal: CounterProposal })
  .meta({ id: 'Counter' })

export const GiveAnswer = z
  .discriminatedUnion('decision', [Decide, Counter], {
    error: 'must be comment, needs_more_time, accept, decline or counter',
  })
  .meta({
    id: 'GiveAnswer',
    examples: [
      {
        decision: 'counter',
        proposalId,
        contentDigest: storyDigest,
        statement: 'Names only with consent; let us meet outside the country.',
        language: 'en',
        proposal: exampleProposal,
      },
    ],
  })
export type GiveAnswer = z.infer<typeof GiveAnswer>

export const AnswerGiven = z
  .object({
    linkSpent: z.boolean().meta({
      description: 'Whether the link is used up. `comment` and `needs_more_time` do not use it up.',
    }),
    response: Response.nullable().meta({
      description:
        'The answer. A statement with a counter-proposal becomes a comment on the proposal that it answers.',
    }),
    proposal: Proposal.nullable().meta({ description: 'The counter-proposal, if the answer was one.' }),
    pact: Pact.meta({ description: 'The pact after the answer.' }),
  })
  .meta({
    id: 'AnswerGiven',
    examples: [
      {
        linkSpent: true,
        response: null,
        proposal: exampleCreatedProposal,
        pact: examplePact,
      },
    ],
  })

export const ClaimOrganisation = z.strictObject({ secretary: RegisterOrganisation.shape.secretary }).meta({
  id: 'ClaimOrganisation',
  examples: [{ secretary: { displayName: storyReferences.delegate.name, pseudonym: true } }],
})
export type ClaimOrganisation = z.infer<typeof ClaimOrganisation>

export const OrganisationClaimed = z
  .object({
    organisation: Organisation,
    secretary: Reference,
    mandate: MandateReference,
    token: FirstToken,
    next: NextStep,
  })
  .meta({
    id: 'OrganisationClaimed',
    examples: [
      {
        organisation: exampleOrganisation,
        ...exampleSeat,
        next: exampleNext,
      },
    ],
  })
