import { z } from 'zod'
import { contactKind, contactKinds, fits } from '../../platform/contacts.ts'
import { storyIds, storyMoment } from '../../platform/openapi/story.ts'
import { distinct, line, resourceFields } from '../../platform/wire.ts'

const ContactChannel = z
  .strictObject({
    kind: contactKind,
    address: line(254).meta({
      description: 'The number, the address, or which messenger and the name there.',
    }),
    note: line(200).nullable().default(null).meta({ description: 'Who answers, and when.' }),
  })
  .refine(fits, {
    path: ['address'],
    params: { code: 'invalid_format' },
    error: 'must be a telephone number, or an e-mail address, as its kind says',
  })
  .meta({ id: 'ContactChannel' })

const channels = [{ kind: 'email' as const, address: 'committee@example.org', note: 'Read on weekdays.' }]

export const WriteContactChannels = z
  .strictObject({ channels: distinct(ContactChannel, 20, ({ kind, address }) => `${kind} ${address}`) })
  .meta({
    id: 'WriteContactChannels',
    description: 'All of them: what is left out is removed.',
    examples: [{ channels }],
  })
export type WriteContactChannels = z.infer<typeof WriteContactChannels>

export const ContactChannels = z
  .object({
    ...resourceFields,
    url: z.string(),
    channels: z.array(
      z
        .object({ kind: z.enum(contactKinds), address: z.string(), note: z.string().nullable() })
        .meta({ id: 'KnownContactChannel' }),
    ),
  })
  .meta({
    id: 'ContactChannels',
    fieldClasses: { default: 'organisation' },
    description: 'How an organisation is reached: for those who administer it.',
    examples: [
      {
        id: storyIds.contactChannels,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/organisations/${storyIds.committee}/contact-channels`,
        channels,
      },
    ],
  })
