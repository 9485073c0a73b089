import { z } from 'zod'
import { storyMoment } from '../../platform/wire/story.ts'
import { pageParameters } from '../../platform/wire/cursors.ts'
import { idInput, instantOutput, line, listOf, resourceFields } from '../../platform/wire/common-schemas.ts'
import { storyIds } from '../story.ts'

export const RequestDisclosure = z
  .strictObject({
    delegateId: idInput,
    reason: line(500).meta({ description: 'Shown to the person. Do not write names into it.' }),
  })
  .meta({
    id: 'RequestDisclosure',
    examples: [{ delegateId: storyIds.delegate, reason: 'Arrested this morning; the lawyer needs a name.' }],
  })
export type RequestDisclosure = z.infer<typeof RequestDisclosure>

export const Disclosure = z
  .object({
    ...resourceFields,
    url: z.string(),
    status: z.enum(['requested', 'granted', 'lapsed', 'ended']).meta({
      description:
        '`requested`: a coordinator of another coordination can grant it within 72 hours. `granted`: both coordinators can read the identity for 24 hours. `lapsed`: nobody granted it in time. `ended`: it was revoked, its 24 hours are over, or one of the two lost the mandate or the second factor.',
    }),
    delegateId: z
      .uuid()
      .meta({ description: 'The person whose identity is requested. The person can read this disclosure.' }),
    reason: z.string(),
    requestedById: z.uuid(),
    grantedById: z.uuid().nullable(),
    grantedAt: instantOutput.nullable(),
    expiresAt: instantOutput,
    endedAt: instantOutput.nullable().meta({ description: 'When it was revoked before it expired.' }),
    endedById: z.uuid().nullable(),
  })
  .meta({
    id: 'Disclosure',
    fieldClasses: { default: 'private' },
    examples: [
      {
        id: storyIds.disclosure,
        version: 1,
        createdAt: storyMoment,
        updatedAt: storyMoment,
        url: `/v1/disclosures/${storyIds.disclosure}`,
        status: 'requested',
        delegateId: storyIds.delegate,
        reason: 'Arrested this morning; the lawyer needs a name.',
        requestedById: storyIds.token,
        grantedById: null,
        grantedAt: null,
        expiresAt: storyMoment,
        endedAt: null,
        endedById: null,
      },
    ],
  })
export const DisclosureList = listOf('DisclosureList', Disclosure)

export const IdentityRead = z
  .object({
    id: z.uuid(),
    createdAt: instantOutput,
    readerId: z.uuid().meta({ description: 'The delegate who read it.' }),
    participantId: z
      .uuid()
      .nullable()
      .meta({ description: 'Your participation in a visit, if you gave your consent there.' }),
    disclosureId: z
      .uuid()
      .nullable()
      .meta({ description: 'The disclosure by two coordinators, if there was one.' }),
  })
  .meta({
    id: 'IdentityRead',
    fieldClasses: { default: 'private' },
    examples: [
      {
        id: storyIds.identity,
        createdAt: storyMoment,
        readerId: storyIds.delegate,
        participantId: storyIds.participant,
        disclosureId: null,
      },
    ],
  })
export const IdentityReadList = listOf('IdentityReadList', IdentityRead)

export const disclosureListParameters = z.strictObject(pageParameters)
export type DisclosureListParameters = z.infer<typeof disclosureListParameters>
