import { z } from 'zod'
import { storyIds, storyMoment } from '../../platform/contract/story.ts'
import { instantOutput, resourceFields } from '../../platform/wire/common-schemas.ts'

export const Seal = z
  .object({
    ...resourceFields,
    url: z.string(),
    organisationId: z.uuid(),
    status: z.enum(['sealed', 'lifting', 'lifted']).meta({
      description: 'lifting: one of its own people has asked to lift it; another person must agree in time.',
    }),
    liftAskedUntil: instantOutput
      .nullable()
      .meta({ description: 'Until when the word of the first person waits for that of the second.' }),
    liftedAt: instantOutput.nullable(),
  })
  .meta({
    id: 'Seal',
    fieldClasses: { default: 'organisation' },
    description:
      'Since `createdAt` nothing of the organisation is shown to anybody else, nothing of it can be changed, and its tokens and links are dead, but for the token that sealed it.',
    examples: [
      {
        id: storyIds.seal,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/organisations/${storyIds.committee}/seal`,
        organisationId: storyIds.committee,
        status: 'sealed',
        liftAskedUntil: null,
        liftedAt: null,
      },
    ],
  })
