import { z } from 'zod'
import { country } from '../../platform/wire/codes.ts'
import { email, phone } from '../../platform/wire/contacts.ts'
import { storyMoment } from '../../platform/wire/story.ts'
import { dateInput, line, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'

export const TravelDocument = z
  .strictObject({
    number: line(40),
    country,
    expiresOn: dateInput
      .nullable()
      .default(null)
      .meta({ description: 'The expiry date that the document shows. This service does not check it.' }),
  })
  .meta({ id: 'TravelDocument', description: 'The document that a visa or an invitation requires.' })

const fields = {
  legalName: line(200).nullable().default(null),
  phone: phone.nullable().default(null),
  email: email.nullable().default(null),
  messenger: line(200)
    .nullable()
    .default(null)
    .meta({ description: 'The messenger and the name used there.' }),
  travelDocument: TravelDocument.nullable().default(null),
}
export const identityFields = Object.keys(fields) as (keyof typeof fields)[]

const example = {
  legalName: 'Vesna Example',
  phone: '+375 29 000 00 00',
  email: 'vesna@example.org',
  messenger: null,
  travelDocument: { number: 'MP0000000', country: 'BY', expiresOn: '2030-01-31' },
}

export const WriteIdentity = z.strictObject(fields).meta({
  id: 'WriteIdentity',
  description: 'The complete identity. Omitted fields are removed.',
  examples: [example],
})
export type WriteIdentity = z.infer<typeof WriteIdentity>

export const Identity = z
  .object({
    ...resourceFields,
    url: z.string(),
    legalName: z.string().nullable(),
    phone: z.string().nullable(),
    phoneInE123: z.string().nullable().meta({
      description: 'The same number in E.123 notation, such as +375 29 123 45 67.',
    }),
    email: z.string().nullable(),
    messenger: z.string().nullable(),
    travelDocument: z
      .object({ number: z.string(), country: z.string(), expiresOn: z.string().nullable() })
      .meta({ id: 'KnownTravelDocument' })
      .nullable(),
  })
  .meta({
    id: 'Identity',
    fieldClasses: { default: 'private' },
    description:
      'The legal name, contact details and travel document of a delegate. Others can read it only with the delegate’s consent or through a disclosure.',
    examples: [
      {
        id: storyIds.identity,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/delegates/${storyIds.delegate}/identity`,
        ...example,
        phoneInE123: example.phone,
      },
    ],
  })
