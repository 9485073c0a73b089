import { z } from 'zod'
import { storyMoment } from '../../platform/wire/story.ts'
import { instantOutput, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'

export const Seal = z
  .object({
    ...resourceFields,
    url: z.string(),
    organisationId: z.uuid(),
    status: z.enum(['sealed', 'lifting', 'lifted']).meta({
      description:
        '`lifting`: an administrator of the organisation has requested to lift it, and another person must approve in time.',
    }),
    liftAskedUntil: instantOutput
      .nullable()
      .meta({ description: 'Until when a second person can approve the request to lift the seal.' }),
    liftedAt: instantOutput.nullable(),
  })
  .meta({
    id: 'Seal',
    fieldClasses: { default: 'organisation' },
    description:
      'From `createdAt` until two persons lift the seal, the organisation is hidden from everybody else and cannot be changed. Its tokens and links are revoked, except the token that sealed it.',
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
