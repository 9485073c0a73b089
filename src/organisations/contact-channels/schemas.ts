import { z } from 'zod'
import { contactFault, contactKind, contactKinds } from '../../platform/wire/contacts.ts'
import { storyMoment } from '../../platform/wire/story.ts'
import {
  blank,
  distinct,
  lengthBetween,
  line,
  notBlank,
  resourceFields,
} from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'

const addressCharsMax = 254

const ContactChannel = z
  .strictObject({
    kind: contactKind,
    address: z
      .string()
      .check(lengthBetween(1, addressCharsMax))
      .meta({
        minLength: 1,
        maxLength: addressCharsMax,
        description:
          'The telephone number, the address, or the messenger and the name used there. Stored as sent.',
      })
      .refine(notBlank, blank),
    note: line(200).nullable().default(null).meta({ description: 'Who answers, and when.' }),
  })
  .check(({ value, issues }) => {
    const message = contactFault(value)
    if (message === undefined) return
    issues.push({
      code: 'custom',
      params: { code: 'invalid_format' },
      path: ['address'],
      input: value,
      message,
    })
  })
  .meta({ id: 'ContactChannel' })

const channels = [{ kind: 'email' as const, address: 'committee@example.org', note: 'Read on weekdays.' }]

export const WriteContactChannels = z
  .strictObject({ channels: distinct(ContactChannel, 20, ({ kind, address }) => `${kind} ${address}`) })
  .meta({
    id: 'WriteContactChannels',
    description: 'The complete list. Omitted channels are removed.',
    examples: [{ channels }],
  })
export type WriteContactChannels = z.infer<typeof WriteContactChannels>

const addressInE123 = z.string().nullable().meta({
  description:
    'The telephone number in E.123 notation, such as +375 29 123 45 67. Null for every other kind.',
})

export const ContactChannels = z
  .object({
    ...resourceFields,
    url: z.string(),
    channels: z.array(
      z
        .object({
          kind: z.enum(contactKinds),
          address: z.string(),
          addressInE123,
          note: z.string().nullable(),
        })
        .meta({ id: 'KnownContactChannel' }),
    ),
  })
  .meta({
    id: 'ContactChannels',
    fieldClasses: { default: 'organisation' },
    description: 'How to reach an organisation. Visible only to its administrators.',
    examples: [
      {
        id: storyIds.contactChannels,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/organisations/${storyIds.committee}/contact-channels`,
        channels: channels.map((channel) => ({ ...channel, addressInE123: null })),
      },
    ],
  })
