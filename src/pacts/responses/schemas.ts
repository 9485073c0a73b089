import { z } from 'zod'
import { storyDigest } from '../../platform/wire/story.ts'
import { language } from '../../platform/wire/codes.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import {
  anyOf,
  idInput,
  instantOutput,
  listOf,
  prose,
  Reference,
} from '../../platform/wire/common-schemas.ts'
import { organisationStatusThen } from '../../organisations/schemas.ts'
import { decisions } from './tables.ts'
import { storyIds, storyReferences } from '../story.ts'

const { pact, proposal: proposalId, response: id } = storyIds

export const digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
  .meta({
    description:
      'The `contentDigest` of the text that you read, so that you cannot answer a text that you have not seen.',
  })

/** The fields of every answer to a proposal. */
export const responseFields = {
  proposalId: idInput,
  contentDigest: digest,
  statement: prose(4000).optional(),
  language: language.optional().meta({ description: 'The language of the statement.' }),
}

const example = {
  proposalId,
  contentDigest: storyDigest,
  decision: 'needs_more_time',
  statement: 'Our assembly meets on Sunday.',
  language: 'en',
}

export const Respond = z
  .strictObject({
    ...responseFields,
    decision: z.enum(decisions),
    organisationId: idInput.optional().meta({
      description: 'The party for which you act. Required only if you have mandates in several parties.',
    }),
  })
  .meta({ id: 'Respond', examples: [example] })
export type Respond = z.infer<typeof Respond>

export const Response = z
  .object({
    id: z.uuid(),
    createdAt: instantOutput,
    pactId: z.uuid(),
    proposalId: z.uuid(),
    contentDigest: z.string(),
    organisation: Reference,
    organisationStatus: organisationStatusThen,
    decision: z.enum(decisions),
    statement: z.string().nullable(),
    language: z.string().nullable(),
  })
  .meta({
    id: 'Response',
    fieldClasses: { default: 'parties' },
    description: 'The answer of a party to a proposal. It never changes.',
    examples: [
      {
        ...example,
        id,
        createdAt: '2026-11-24T08:00:00.000Z',
        pactId: pact,
        organisation: storyReferences.committee,
        organisationStatus: 'unclaimed',
      },
    ],
  })

export const ResponseList = listOf('ResponseList', Response)

export const responseListParameters = z.strictObject({
  proposalId: idInput.optional(),
  decision: anyOf(z.enum(decisions)),
  ...pageParameters,
})
export type ResponseListParameters = z.infer<typeof responseListParameters>
