import { z } from 'zod'
import { storyMoment } from '../../platform/wire/story.ts'
import { instantInput, instantOutput, line, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'

const ItineraryItem = z
  .strictObject({
    startsAt: instantInput,
    endsAt: instantInput,
    place: line(200),
    activity: line(300),
  })
  .refine(({ startsAt, endsAt }) => Date.parse(endsAt) > Date.parse(startsAt), {
    path: ['endsAt'],
    params: { code: 'ends_before_it_starts' },
    error: 'must be after startsAt',
  })
  .meta({ id: 'ItineraryItem' })

const items = [
  {
    startsAt: '2026-12-01T08:00:00Z',
    endsAt: '2026-12-01T10:00:00Z',
    place: 'Union hall',
    activity: 'Meeting with the shop stewards',
  },
]

export const WriteItinerary = z.strictObject({ items: z.array(ItineraryItem).max(100) }).meta({
  id: 'WriteItinerary',
  description: 'The whole itinerary. Items that you leave out are deleted.',
  examples: [{ items }],
})
export type WriteItinerary = z.infer<typeof WriteItinerary>

export const Itinerary = z
  .object({
    ...resourceFields,
    url: z.string(),
    items: z.array(
      z
        .object({ startsAt: instantOutput, endsAt: instantOutput, place: z.string(), activity: z.string() })
        .meta({ id: 'KnownItineraryItem' }),
    ),
  })
  .meta({
    id: 'Itinerary',
    fieldClasses: { default: 'private' },
    description:
      'Only for participants and for the host. The service deletes it 14 days after the visit, or when the visit is called off.',
    examples: [
      {
        id: storyIds.itinerary,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/visits/${storyIds.visit}/itinerary`,
        items,
      },
    ],
  })
