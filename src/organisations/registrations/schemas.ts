import { z } from 'zod'
import { storyMonthLater, storySecret } from '../../platform/wire/story.ts'
import { instantOutput, Reference } from '../../platform/wire/common-schemas.ts'
import { NextStep } from '../next-steps/schemas.ts'
import { exampleOrganisation, Organisation } from '../schemas.ts'
import { storyIds, storyReferences } from '../story.ts'

export const FirstToken = z
  .object({
    secret: z
      .string()
      .meta({ description: 'Shown only in this response. Keep it where nobody else finds it.' }),
    expiresAt: instantOutput,
    scopes: z.array(z.string()),
  })
  .meta({ id: 'FirstToken' })

export const MandateReference = z.object({ id: z.uuid(), url: z.string() }).meta({ id: 'MandateReference' })

export const exampleSeat = {
  secretary: storyReferences.delegate,
  mandate: { id: storyIds.mandate, url: `/v1/mandates/${storyIds.mandate}` },
  token: {
    secret: storySecret('spt_'),
    expiresAt: storyMonthLater,
    scopes: ['organisations:read', 'organisations:write'],
  },
}

/** The next step of the first secretary. */
export const exampleNext = {
  code: 'ask_for_verification',
  detail: 'Nobody has verified the organisation yet. Ask a coordinator of this coordination to verify it.',
  url: `/v1/organisations/${storyIds.icog}`,
}

export const OrganisationRegistered = z
  .object({
    organisation: Organisation,
    secretary: Reference,
    mandate: MandateReference,
    token: FirstToken,
    next: NextStep,
    possibleDuplicates: z.array(Reference).meta({
      description: 'Organisations of the same country with a similar name or variant. They are not merged.',
    }),
  })
  .meta({
    id: 'OrganisationRegistered',
    examples: [
      {
        organisation: exampleOrganisation,
        ...exampleSeat,
        next: exampleNext,
        possibleDuplicates: [],
      },
    ],
  })
