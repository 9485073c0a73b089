import { z } from 'zod'
import { allPowers, allScopes } from '../platform/access.ts'
import { language } from '../platform/wire/codes.ts'
import { storyMonthLater, storyResource } from '../platform/wire/story.ts'
import { pageParameters } from '../platform/wire/cursors.ts'
import {
  dateOutput,
  distinct,
  idInput,
  instantOutput,
  line,
  listOf,
  Reference,
  resourceFields,
} from '../platform/wire/common-schemas.ts'
import { NextStep } from '../organisations/next-steps/schemas.ts'
import { offices } from './mandates/lifecycle.ts'
import { storyIds } from './story.ts'
import { storyReferences } from '../organisations/story.ts'

/** Asked when a schema is first used: the features to the right add theirs. */
export const power = z.lazy(() => z.enum(allPowers()))
export const scope = z.lazy(() => z.enum(allScopes()))

const displayName = line(80).meta({
  description: 'The name that others see. It can be a pseudonym; a legal name is never required.',
})

export const CreateDelegate = z
  .strictObject({
    organisationId: idInput,
    displayName,
    pseudonym: z.boolean().default(true),
    languages: distinct(language, 20).optional(),
  })
  .meta({
    id: 'CreateDelegate',
    examples: [
      { organisationId: storyIds.committee, displayName: storyReferences.delegate.name, languages: ['be'] },
    ],
  })
export type CreateDelegate = z.infer<typeof CreateDelegate>

export const ChangeDelegate = z
  .strictObject({
    displayName: displayName.optional(),
    pseudonym: z.boolean().optional(),
    languages: distinct(language, 20).optional(),
  })
  .meta({
    id: 'ChangeDelegate',
    description: 'A merge patch (RFC 7396).',
    examples: [{ displayName: 'Vesna B.' }],
  })
export type ChangeDelegate = z.infer<typeof ChangeDelegate>

const example = {
  ...storyResource('delegates', storyIds.delegate),
  displayName: storyReferences.delegate.name,
  pseudonym: true,
  languages: ['be'],
  erasedAt: null,
  organisation: storyReferences.committee,
}

export const Delegate = z
  .object({
    ...resourceFields,
    url: z.string(),
    displayName: z.string(),
    pseudonym: z.boolean(),
    languages: z.array(z.string()),
    erasedAt: instantOutput.nullable().meta({ description: 'When the person was erased.' }),
    organisation: Reference.nullable().meta({
      description: 'The organisation that added this delegate. Null while that organisation is sealed.',
    }),
  })
  .meta({
    id: 'Delegate',
    fieldClasses: { default: 'parties', languages: 'organisation', erasedAt: 'organisation' },
    examples: [example],
  })

export const DelegateList = listOf('DelegateList', Delegate)

export const delegateListParameters = z.strictObject({
  organisationId: idInput.optional(),
  ...pageParameters,
})
export type DelegateListParameters = z.infer<typeof delegateListParameters>

export const Me = z
  .object({
    kind: z.enum(['delegate', 'client', 'operator', 'link']),
    delegate: Reference.nullable(),
    organisation: Reference.nullable().meta({
      description: 'For an API client or a link holder: the organisation that it acts for.',
    }),
    scopes: z.array(scope),
    expiresAt: instantOutput.nullable(),
    mandates: z
      .array(
        z
          .object({
            id: z.uuid().nullable(),
            organisation: Reference,
            office: z.enum(offices).nullable(),
            powers: z.array(power),
            sealed: z.boolean().meta({
              description: 'Whether the organisation is sealed. While it is, the mandate gives no powers.',
            }),
            endsOn: dateOutput
              .nullable()
              .meta({ description: 'The last day, until midnight UTC at its end.' }),
          })
          .meta({ id: 'MyMandate' }),
      )
      .meta({
        description: 'The mandates that are valid now: what this caller may do, and for which organisation.',
      }),
    next: NextStep.nullable().meta({
      description:
        'The next step for a link holder, and for a caller who cannot act for any organisation now. Otherwise null.',
    }),
    pact: z
      .object({ id: z.uuid(), url: z.string() })
      .meta({ id: 'MyPact' })
      .nullable()
      .meta({ description: 'For a link holder: the offered pact.' }),
  })
  .meta({
    id: 'Me',
    examples: [
      {
        kind: 'delegate',
        delegate: storyReferences.delegate,
        organisation: null,
        scopes: ['pacts:read', 'pacts:write'],
        expiresAt: storyMonthLater,
        mandates: [
          {
            id: storyIds.mandate,
            organisation: storyReferences.committee,
            office: 'secretary',
            powers: ['administer', 'negotiate', 'sign', 'visit'],
            sealed: false,
            endsOn: null,
          },
        ],
        next: null,
        pact: null,
      },
    ],
  })
